// Formats told by first bytes, whatever the names; refusals that name what the file is.
#include "model/read.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/ir_writer.h"
#include "support/onnx_writer.h"

namespace saker {
namespace {

namespace fs = std::filesystem;
using namespace test_support;
using namespace std::string_literals;

FileKind kind_of(const std::string& bytes, std::size_t size = 0) {
  return recognise(std::as_bytes(std::span(bytes)), size == 0 ? bytes.size() : size);
}

std::string tiny_onnx() {
  ModelWriter model(17);
  model.node("Relu", {"x"}, {"y"});
  model.graph().message(11, value_info("x", {1, 4})).message(12, value_info("y", {1, 4}));
  return model.text();
}

IrWriter tiny_ir() {
  IrWriter ir;
  ir.result(ir.layer("Add", {ir.parameter({2}), ir.constant<float>({2}, {1, 2})}, {{2}}));
  return ir;
}

class ReadModelTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("saker-read-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return (folder_ / name).string();
  }

  fs::path folder_;
};

TEST_F(ReadModelTest, NamesDoNotDecide) {
  for (const char* name : {"a.onnx", "a.xml", "a.pt", "a"}) {
    const auto read = read_model(file(name, tiny_onnx()), {});
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->imported.graph.nodes.size(), 1U) << name;
    EXPECT_EQ(read->file_bytes, tiny_onnx().size());
  }
  const IrWriter ir = tiny_ir();
  file("b.bin", ir.bin());
  for (const char* name : {"b.xml", "b.onnx", "b.model", "b"}) {
    const auto read = read_model(file(name, ir.xml()), {});
    ASSERT_TRUE(read.ok()) << name << ": " << read.error().message;
    EXPECT_EQ(read->imported.graph.inputs.size(), 1U) << name;
  }
}

TEST_F(ReadModelTest, OtherFilesAreNamedWithARemedy) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const std::string safetensors = static_cast<char>(header.size()) + std::string(7, '\0') + header + "1234";
  const std::pair<std::string, const char*> cases[] = {
      {"PK\x03\x04"s + std::string(26, '\0') + "a.txt", "a zip archive"},
      {"\x80\x02\x8a\x0a"s, "a Python pickle"},
      {safetensors, "weights without their network"},
      {"\x1c\0\0\0TFL3\0\0\0\0"s, "TensorFlow Lite"},
      {"\x18\0\0\0ORTM\0\0\0\0"s, "an ORT format model"},
      {"\x89HDF\r\n\x1a\n"s, "HDF5"},
      {"[net]\nbatch=1\n", "Darknet"},
      {"<!DOCTYPE html><html>404</html>", "a web page"},
      {"version https://git-lfs.github.com/spec/v1\n", "Git LFS"},
      {"\x89PNG\r\n\x1a\n"s, "a picture (PNG)"},
  };
  for (const auto& [bytes, what] : cases) {
    const auto read = read_model(file("model.onnx", bytes), {});
    ASSERT_FALSE(read.ok()) << what;
    EXPECT_EQ(read.error().code, ErrorCode::kUnsupported) << what;
    for (const char* part : {"model.onnx: ", what, "\nWhat to do: "})
      EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
  }
}

// A link to a model elsewhere, and the two links of a cache.
TEST_F(ReadModelTest, ExternalDataOfALinkedModel) {
  ModelWriter model(17);
  model.constant(tensor_head("w", kOnnxFloat, {2})
                     .message(13, ProtoWriter().bytes(1, "location").bytes(2, "m.onnx_data"))
                     .varint(14, 1));
  model.node("Add", {"x", "w"}, {"y"}).input("x", {2}).output("y");
  for (const char* part : {"store", "links", "hub/blobs", "hub/snapshots/1f2e"}) fs::create_directories(folder_ / part);
  file("store/m.onnx", model.text());
  file("store/m.onnx_data", std::string(8, '\0'));
  file("hub/blobs/beef", model.text());
  file("hub/blobs/cafe", std::string(8, '\0'));
  fs::create_symlink("../store/m.onnx", folder_ / "links" / "m.onnx");
  fs::create_symlink("../../blobs/beef", folder_ / "hub/snapshots/1f2e/m.onnx");
  fs::create_symlink("../../blobs/cafe", folder_ / "hub/snapshots/1f2e/m.onnx_data");
  for (const char* path : {"store/m.onnx", "links/m.onnx", "hub/snapshots/1f2e/m.onnx"}) {
    const auto read = read_model((folder_ / path).string(), {});
    EXPECT_TRUE(read.ok()) << read.error().message;
  }
}

TEST_F(ReadModelTest, FromMemoryThereIsNoCompanion) {
  const IrWriter ir = tiny_ir();
  const std::string xml = ir.xml();
  const std::shared_ptr<std::byte> memory(new std::byte[xml.size()], std::default_delete<std::byte[]>());
  std::memcpy(memory.get(), xml.data(), xml.size());
  const auto read = read_model(FileBytes{memory, xml.size()}, "net.xml", {});
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("load the model by its path"), std::string::npos) << read.error().message;
}

// A large file is told by its beginning alone.
TEST(Recognise, TheBeginningIsEnough) {
  EXPECT_EQ(kind_of("\x08\x08\x3a\xff\xff\xff\x7f"s, 300'000'000).format, Format::kOnnx);
  EXPECT_EQ(kind_of("\x3a\xff\xff\xff\x7f"s, 300'000'000).format, Format::kOnnx);
  EXPECT_EQ(kind_of("\x3a\xff\xff\xff\x7f"s, 1000).format, Format::kUnknown);
  EXPECT_EQ(kind_of("\xEF\xBB\xBF  <?xml version=\"1.0\"?><net").format, Format::kOpenVinoIr);
  for (const char* text : {"", "\x08", "some text", "12 0.5 0.5 1 1"}) {
    EXPECT_EQ(kind_of(text).format, Format::kUnknown) << text;
  }
}

TEST(Recognise, TheNameDecidesWhereBytesDoNot) {
  const auto named = [](std::string_view name) { return recognise_named({}, 0, name).format; };
  EXPECT_EQ(named("a.onnx"), Format::kOnnx);
  EXPECT_EQ(named("a.xml"), Format::kOpenVinoIr);
  EXPECT_EQ(named("a.pt"), Format::kUnknown);
}

}  // namespace
}  // namespace saker
