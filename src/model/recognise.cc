// What a file is by its first bytes (model/read.h).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/try.h"
#include "base/utf8.h"
#include "model/onnx/wire.h"
#include "model/pt/safetensors.h"
#include "model/read.h"

namespace saker {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kExport = "export the model to ONNX with the framework that made it";

// What stands at a fixed place in files of a kind.
struct Mark {
  std::size_t offset;
  std::string_view bytes;
  FileKind kind;
};

constexpr std::array kMarks = {
    Mark{0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46"sv, {Format::kPyTorch, "", ""}},  // of torch before 1.6
    Mark{0, "\x80\x02"sv, {Format::kOther, "a Python pickle", kExport}},
    Mark{0, "\x80\x03"sv, {Format::kOther, "a Python pickle", kExport}},
    Mark{0, "\x80\x04"sv, {Format::kOther, "a Python pickle", kExport}},
    Mark{0, "\x80\x05"sv, {Format::kOther, "a Python pickle", kExport}},
    Mark{4, "ORTM"sv, {Format::kOther, "an ORT format model", "use the ONNX model that it was converted from"}},
    Mark{4, "TFL3"sv, {Format::kOther, "TensorFlow Lite", kExport}},
    Mark{0, "\x89HDF\r\n"sv, {Format::kOther, "HDF5, as Keras writes it", kExport}},
    Mark{0, "7767517\n"sv, {Format::kOther, "an ncnn network", kExport}},
    Mark{0, "ftrt"sv, {Format::kOther, "a TensorRT engine", kExport}},
    Mark{0, "GGUF"sv, {Format::kOther, "GGUF", kExport}},
    Mark{0, "[net]"sv, {Format::kOther, "a Darknet configuration", "convert it to ONNX, together with its weights"}},
    Mark{0, "version https://git-lfs"sv, {Format::kOther, "a pointer of Git LFS, not the file", "git lfs pull"}},
    Mark{0, "<!DOCTYPE"sv, {Format::kOther, "a web page", "look at how it was downloaded"}},
    Mark{0, "<!doctype"sv, {Format::kOther, "a web page", "look at how it was downloaded"}},
    Mark{0, "<html"sv, {Format::kOther, "a web page", "look at how it was downloaded"}},
    Mark{0, "\x1f\x8b"sv, {Format::kOther, "compressed with gzip", "gunzip it"}},
    Mark{0, "\x89PNG"sv, {Format::kOther, "a picture (PNG)", "name the model before the pictures"}},
    Mark{0, "\xff\xd8\xff"sv, {Format::kOther, "a picture (JPEG)", "name the model before the pictures"}},
    Mark{0,
         "\x7f"
         "ELF"sv,
         {Format::kOther, "a program or a library", "name the model's file"}},
};

constexpr FileKind kPyTorchZip = {Format::kPyTorch, "", ""};
constexpr FileKind kZip = {Format::kOther, "a zip archive", "unpack it"};

// All files of an archive of PyTorch lie in one folder in it, and one of the first is named so.
FileKind zip_kind(std::string_view text) {
  constexpr std::array kEntries = {"/data.pkl"sv, "/version"sv, "/.format_version"sv, "/byteorder"sv, "/code/"sv};
  const bool torch =
      std::ranges::any_of(kEntries, [&](std::string_view entry) { return text.find(entry) != std::string_view::npos; });
  return torch ? kPyTorchZip : kZip;
}

std::string_view without_start(std::string_view text) {
  text = without_byte_order_mark(text);
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// The first field is one that ModelProto has, of its type, and not longer than the file.
bool reads_as_onnx(std::span<const std::byte> first, std::size_t size) {
  constexpr std::array<std::uint64_t, 2> kIntegers = {1, 5};                      // ir_version, model_version
  constexpr std::array<std::uint64_t, 8> kMessages = {2, 3, 4, 6, 7, 8, 14, 25};  // producer, graph, opsets, ...
  std::size_t at = 0;
  std::uint64_t key = 0, value = 0;
  if (!onnx::read_varint(first, at, key).ok() || !onnx::read_varint(first, at, value).ok()) return false;
  switch (static_cast<WireType>(key & 7U)) {
    case WireType::kVarint:
      return std::ranges::find(kIntegers, key >> 3U) != kIntegers.end();
    case WireType::kLength:
      return std::ranges::find(kMessages, key >> 3U) != kMessages.end() && value <= size - at;
    default:
      return false;
  }
}

}  // namespace

FileKind recognise(std::span<const std::byte> first, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(first.data()), std::min(first.size(), kRecognisable));
  if (text.starts_with("PK\x03\x04")) return zip_kind(text);
  for (const Mark& mark : kMarks) {
    if (text.size() >= mark.offset && text.substr(mark.offset).starts_with(mark.bytes)) return mark.kind;
  }
  if (pt::is_safetensors(first, size)) return {Format::kPyTorch, "", ""};
  if (without_start(text).starts_with('<')) return {Format::kOpenVinoIr, "", ""};
  if (reads_as_onnx(first, size)) return {Format::kOnnx, "", ""};
  return {};
}

FileKind recognise_named(std::span<const std::byte> first, std::size_t size, std::string_view name) {
  const FileKind kind = recognise(first, size);
  if (kind.format != Format::kUnknown) return kind;
  if (name.ends_with(".onnx")) return {Format::kOnnx, "", ""};
  if (name.ends_with(".xml")) return {Format::kOpenVinoIr, "", ""};
  return kind;
}

Result<FileKind> recognise_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return recognise_named({}, 0, path);
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(path, error));
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: {}", path, error.message())};
  SAKER_ASSIGN(const FileBytes first, read_file_range(path, 0, std::min(size, kRecognisable)));
  return recognise_named(first.span(), size, path);
}

}  // namespace saker
