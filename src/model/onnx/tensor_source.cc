#include "model/onnx/tensor_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/try.h"

namespace saker::onnx {
namespace {

namespace fs = std::filesystem;

bool is_inside(const fs::path& path, const fs::path& root) {
  return path != root && std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

// REPOSITORY/blobs of a folder REPOSITORY/snapshots/REVISION or below it.
std::optional<fs::path> blobs_of(fs::path folder) {
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (folder.parent_path().filename() == "snapshots") return folder.parent_path().parent_path() / "blobs";
  }
  return std::nullopt;
}

// Canonical: the folders, and what the links of a cache in them lead to.
std::vector<fs::path> roots_of(const std::vector<std::string>& folders) {
  std::vector<fs::path> roots;
  std::error_code error;
  for (const std::string& folder : folders) {
    const fs::path root = fs::canonical(folder, error);
    if (error) continue;
    roots.push_back(root);
    const auto blobs = blobs_of(root);
    if (!blobs) continue;
    if (fs::path links = fs::canonical(*blobs, error); !error) roots.push_back(std::move(links));
  }
  return roots;
}

// Of the folders the first that has it. What the file says may not climb; links may lead to any of the roots.
Result<std::string> external_path(const std::string& location, const std::vector<std::string>& folders) {
  if (folders.empty()) return Error{ErrorCode::kUnsupported, "external data needs a model read from a file"};
  const fs::path relative = fs::path(location).lexically_normal();
  std::error_code error;
  fs::path path = folders.front() / relative;
  for (const std::string& folder : folders) {
    if (!fs::exists(folder / relative, error)) continue;
    path = folder / relative;
    break;
  }
  path = fs::weakly_canonical(path, error);
  const bool climbs = location.empty() || relative.is_absolute() || *relative.begin() == "..";
  const std::vector<fs::path> roots = roots_of(folders);
  if (error || climbs || std::ranges::none_of(roots, [&](const fs::path& root) { return is_inside(path, root); })) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("external data '{}' is outside the model's folder", printable_name(location))};
  }
  return path.string();
}

}  // namespace

TensorSource::TensorSource(const FileBytes& file, std::vector<std::string> folders, std::size_t max_external_bytes)
    : owner_(file.data), folders_(std::move(folders)), max_external_bytes_(max_external_bytes), budget_(file.size) {}

Result<FileBytes> TensorSource::open(const std::string& location) {
  if (const auto found = files_.find(location); found != files_.end()) return found->second;
  SAKER_ASSIGN(const std::string path, external_path(location, folders_));
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
