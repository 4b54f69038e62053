#include "api/bytes_on_disk.h"

#include <filesystem>

namespace saker {
namespace {

std::uintmax_t size_or_none(const std::filesystem::path& file) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

}  // namespace

std::uintmax_t bytes_on_disk(const std::string& path) {
  const std::filesystem::path file(path);
  auto beside = file;
  if (file.extension() == ".xml") beside.replace_extension(".bin");
  if (file.extension() == ".onnx") beside += ".data";
  return size_or_none(file) + (beside == file ? 0 : size_or_none(beside));
}

}  // namespace saker
