#include "data/file_search.h"

#include <algorithm>
#include <functional>
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

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// `has`: whether something of that name lies in the folder itself.
std::string tail_of(const fs::path& folder, const std::vector<std::string>& parts, std::size_t least_parts,
                    const std::function<bool(const std::string& name)>& has) {
  for (std::size_t count = std::min(parts.size(), kMostParts); count >= std::max<std::size_t>(least_parts, 1);
       --count) {
    if (!has(parts[parts.size() - count])) continue;
    fs::path tail;
    for (std::size_t i = parts.size() - count; i < parts.size(); ++i) tail /= parts[i];
    if (count == 1 || is_there(folder / tail)) return tail.string();
  }
  return "";
}

}  // namespace

std::string with_slashes(std::string_view path) {
  std::string text(path);
  std::ranges::replace(text, '\\', '/');
  return text;
}

std::string last_part(std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  return parts.empty() ? "" : parts.back();
}

std::size_t count_parts(std::string_view path) {
  return parts_of(path).size();
}

std::string existing_tail(const fs::path& folder, std::string_view path, std::size_t least_parts) {
  if (path.find('\0') != std::string_view::npos) return "";  // the system would read another name
  return tail_of(folder, parts_of(path), least_parts, [&](const std::string& name) { return is_there(folder / name); });
}

FileSearch::Found FileSearch::find(const fs::path& folder, std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  if (parts.empty() || path.find('\0') != std::string_view::npos) return {};
  if (folder_ != folder) look_through(folder);
  const std::string tail = tail_of(folder, parts, 1, [&](const std::string& name) {
    const auto [known, added] = in_folder_.try_emplace(name, false);
    if (added) known->second = is_there(folder / name);
    return known->second;
  });
  if (tail.find('/') != std::string::npos) return {tail, ""};
  const auto known = by_name_.find(parts.back());
  return known != by_name_.end() ? known->second : Found{tail, ""};
}

// Not through symbolic links, which may lead round in circles.
void FileSearch::look_through(const fs::path& folder) {
  folder_ = folder;
  by_name_.clear();
  in_folder_.clear();
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
