// What was pulled before, with its hash: a line of text for each file, "SHA256  NAME  URL".
#include "pull/lock_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "base/try.h"

namespace saker {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr const char* kHeader =
    "# What saker pull has fetched: SHA-256, name, URL. A file whose hash differs later is refused.\n";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_plain_name(std::string_view name) {
  constexpr std::size_t kLongest = 128;
  if (name.empty() || name.size() > kLongest || (!is_letter(name[0]) && !is_digit(name[0]))) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; });
}

Result<LockFile> LockFile::read(const std::string& path) {
  LockFile file;
  file.path_ = path;
  const auto bytes = read_file(path, kMaxBytes);
  if (!bytes.ok() && bytes.error().code == ErrorCode::kNotFound) return file;
  if (!bytes.ok()) return bytes.error();
  std::istringstream lines(std::string(reinterpret_cast<const char*>(bytes->data.get()), bytes->size));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    LockEntry entry;
    std::string more;
    if (!(words >> entry.sha256 >> entry.name >> entry.url) || (words >> more) || !is_sha256(entry.sha256) ||
        !is_plain_name(entry.name)) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: line {}: not 'SHA256  NAME  URL'\nremove the line; the file it was for will be "
                               "trusted anew when it is pulled next",
                               path, number)};
    }
    file.entries_.push_back(std::move(entry));
  }
  return file;
}

const LockEntry* LockFile::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const LockEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

Status LockFile::record(const LockEntry& entry) {
  std::erase_if(entries_, [&](const LockEntry& old) { return old.name == entry.name; });
  entries_.push_back(entry);
  std::string text = kHeader;
  for (const LockEntry& each : entries_) text += fmt::format("{}  {}  {}\n", each.sha256, each.name, each.url);
  return write_file(path_, text);
}

}  // namespace saker
