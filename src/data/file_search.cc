#include "data/file_search.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "data/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostParts = 32;         // of a path that are tried
constexpr std::size_t kMostEntries = 200'000;  // of a folder that are looked through

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string& part : split(with_slashes(path), '/')) {
    const bool drive = part.size() == 2 && part[1] == ':';
    if (part == ".." || drive) parts.clear();
    if (part.empty() || part == "." || part == ".." || drive) continue;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

std::string with_slashes(std::string_view path) {
  std::string text(path);
  std::ranges::replace(text, '\\', '/');
  return text;
}

std::size_t count_parts(std::string_view path) {
  return parts_of(path).size();
}

std::string existing_tail(const fs::path& folder, std::string_view path, std::size_t least_parts) {
  if (path.find('\0') != std::string_view::npos) return "";  // the system would read another name
  const std::vector<std::string> parts = parts_of(path);
  for (std::size_t count = std::min(parts.size(), kMostParts); count >= std::max<std::size_t>(least_parts, 1);
       --count) {
    fs::path tail;
    for (std::size_t i = parts.size() - count; i < parts.size(); ++i) tail /= parts[i];
    std::error_code ignored;
    if (fs::exists(folder / tail, ignored)) return tail.string();
  }
  return "";
}

FileSearch::Found FileSearch::find(const fs::path& folder, std::string_view path) {
  const std::string tail = existing_tail(folder, path);
  if (tail.find('/') != std::string::npos) return {tail, ""};
  const std::vector<std::string> parts = parts_of(path);
  if (parts.empty()) return {};
  if (folder_ != folder) look_through(folder);
  const auto known = by_name_.find(parts.back());
  return known != by_name_.end() ? known->second : Found{tail, ""};
}

// Not through symbolic links, which may lead round in circles.
void FileSearch::look_through(const fs::path& folder) {
  folder_ = folder;
  by_name_.clear();
  std::size_t entries = 0;
  std::vector<fs::path> folders = {folder};
  while (!folders.empty()) {
    const fs::path next = std::move(folders.back());
    folders.pop_back();
    for (const fs::path& entry : entries_of(next)) {
      if (++entries > kMostEntries) return;
      std::error_code ignored;
      if (fs::is_directory(fs::symlink_status(entry, ignored))) folders.push_back(entry);
      if (!has_picture_extension(entry)) continue;
      Found& found = by_name_[entry.filename().string()];
      std::string file = entry.lexically_relative(folder).string();
      if (found.file.empty() || file < found.file) std::swap(file, found.file);
      if (!file.empty() && (found.other.empty() || file < found.other)) found.other = std::move(file);
    }
  }
}

}  // namespace saker
