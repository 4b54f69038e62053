// Real models cut off and with bits flipped: accepted or refused with a message, nothing else.
#include <gtest/gtest.h>
#include <saker/session.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "model/openvino_ir/importer.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCuts = 20;
constexpr int kFlips = 200;
constexpr int kCompileEvery = 40;  // compiling takes a hundred times as long as reading

std::vector<fs::path> models() {
  std::vector<fs::path> paths;
  const char* assets = std::getenv("SAKER_ASSETS");
  if (assets == nullptr || !fs::is_directory(fs::path(assets) / "models")) return paths;
  for (const auto& entry : fs::directory_iterator(fs::path(assets) / "models")) {
    if (entry.path().extension() == ".onnx") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::byte> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void expect_sound(const Error& error, const std::string& what) {
  EXPECT_FALSE(error.message.empty()) << what;
  EXPECT_NE(error.code, ErrorCode::kInternal) << what << ": " << error.message;
}

void compile_and_run(const Model& model, const std::string& what) {
  SessionOptions options;
  options.max_memory_bytes = std::size_t{1} << 30;
  for (const TensorInfo& input : model.inputs()) {
    Shape shape = input.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] < 0) shape[i] = i == 0 ? 1 : 64;
    }
    options.input_shapes.push_back(std::move(shape));
  }
  auto session = Session::create(model, options);
  if (!session.ok()) return expect_sound(session.error(), what);
  if (const Status ran = session->run(); !ran.ok()) expect_sound(ran.error(), what);
}

void read_model(std::span<const std::byte> bytes, const std::string& what, bool compile) {
  const auto model = Model::parse(bytes, what);
  if (!model.ok()) return expect_sound(model.error(), what);
  if (compile) compile_and_run(*model, what);
}

TEST(DamagedModels, Cut) {
  if (models().empty()) GTEST_SKIP() << "SAKER_ASSETS names no folder with models";
  for (const fs::path& path : models()) {
    const std::vector<std::byte> bytes = read(path);
    for (std::size_t i = 0; i < kCuts; ++i)
      read_model(std::span(bytes).first(bytes.size() * i / kCuts), path.filename().string() + " cut", false);
  }
}

// Most of a model is weights. Damage to the rest shows more, so half of the flips go to the ends.
TEST(DamagedModels, BitsFlipped) {
  if (models().empty()) GTEST_SKIP() << "SAKER_ASSETS names no folder with models";
  std::mt19937 random(1);
  for (const fs::path& path : models()) {
    std::vector<std::byte> bytes = read(path);
    const std::size_t end = std::min<std::size_t>(bytes.size(), 32768);
    for (int i = 0; i < kFlips && end > 0; ++i) {
      const std::size_t place = random();
      std::size_t at = place % bytes.size();
      if (i % 4 == 0) at = place % end;
      if (i % 4 == 1) at = bytes.size() - 1 - place % end;
      const auto bit = static_cast<std::byte>(1U << (random() % 8));
      bytes[at] ^= bit;
      const std::string what = path.filename().string() + ", byte " + std::to_string(at) + " changed";
      read_model(bytes, what, i % kCompileEvery < 2);
      bytes[at] ^= bit;
    }
  }
}

FileBytes file_bytes(std::span<const std::byte> bytes) {
  const std::shared_ptr<std::byte> memory(new std::byte[bytes.size()], std::default_delete<std::byte[]>());
  std::ranges::copy(bytes, memory.get());
  return {memory, bytes.size()};
}

TEST(DamagedModels, OpenVinoIr) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const fs::path path = fs::path(assets == nullptr ? "" : assets) / "ir/yolov8n_int8/yolov8n.xml";
  if (!fs::exists(path)) GTEST_SKIP() << "SAKER_ASSETS has no " << path.filename();
  std::vector<std::byte> xml = read(path);
  const FileBytes bin = file_bytes(read(fs::path(path).replace_extension(".bin")));
  const auto import = [&](std::span<const std::byte> text, const FileBytes& data, const std::string& what) {
    const auto model = openvino_ir::import_model(file_bytes(text), data);
    if (!model.ok()) expect_sound(model.error(), what);
  };
  for (std::size_t i = 0; i < kCuts; ++i) {
    import(std::span(xml).first(xml.size() * i / kCuts), bin, "the .xml cut");
    import(xml, file_bytes(bin.span().first(bin.size * i / kCuts)), "the .bin cut");
  }
  std::mt19937 random(1);
  for (int i = 0; i < kFlips; ++i) {
    const std::size_t at = random() % xml.size();
    const auto bit = static_cast<std::byte>(1U << (random() % 7));
    xml[at] ^= bit;
    import(xml, bin, "byte " + std::to_string(at) + " changed");
    xml[at] ^= bit;
  }
}

}  // namespace
}  // namespace saker
