#include "model/onnx/tensor_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "base/try.h"

namespace saker::onnx {
namespace {

namespace fs = std::filesystem;

Result<std::string> external_path(const std::string& location, const std::string& folder) {
  if (folder.empty()) return Error{ErrorCode::kUnsupported, "external data needs a model read from a file"};
  const fs::path relative(location);
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / relative, error);
  const auto mismatch = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (error || location.empty() || relative.is_absolute() || mismatch.first != root.end() || path == root) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("external data '{}' is outside the model's folder", printable_name(location))};
  }
  return path.string();
}

}  // namespace

TensorSource::TensorSource(const FileBytes& file, std::string folder, std::size_t max_external_bytes)
    : owner_(file.data), folder_(std::move(folder)), max_external_bytes_(max_external_bytes), budget_(file.size) {}

Result<FileBytes> TensorSource::open(const std::string& location) {
  if (const auto found = files_.find(location); found != files_.end()) return found->second;
  SAKER_ASSIGN(const std::string path, external_path(location, folder_));
  std::error_code error;
  const auto size = static_cast<std::size_t>(fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0);
  if (!error && size > max_external_bytes_ - external_bytes_) {
    return Error{ErrorCode::kLimit,
                 fmt::format("external data comes to more than the limit of {} bytes", max_external_bytes_)};
  }
  SAKER_ASSIGN(FileBytes file, read_file_range(path, 0, error ? 0 : size));
  external_bytes_ += file.size;
  budget_.add_file(file.size);
  return files_[location] = std::move(file);
}

Result<TensorSource::Region> TensorSource::external(const std::string& location, std::size_t offset, std::size_t size) {
  SAKER_ASSIGN(const FileBytes file, open(location));
  if (offset > file.size || size > file.size - offset) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: bytes {}..{} are wanted, but the file has {}",
                                                  printable_name(location), offset, offset + size, file.size)};
  }
  return Region{file.data.get() + offset, file.data};
}

}  // namespace saker::onnx
