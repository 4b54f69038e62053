// What was pulled before, with its hash: a line of text for each file, "SHA256  NAME  URL".
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker {

struct LockEntry {
  std::string sha256, name, url;
};

class LockFile {
 public:
  // A file that is not there is an empty one. Errors: kIo, kLimit, kInvalid (with the line).
  static Result<LockFile> read(const std::string& path);

  const std::string& path() const { return path_; }
  const LockEntry* find(std::string_view name) const;  // null: not pulled before
  // Adds or replaces the entry of that name, and writes the file.
  Status record(const LockEntry& entry);

 private:
  std::string path_;
  std::vector<LockEntry> entries_;
};

// 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);
// Letters, digits, '.', '_' and '-', beginning with a letter or digit: safe in every path, URL and line.
bool is_plain_name(std::string_view name);

}  // namespace saker
