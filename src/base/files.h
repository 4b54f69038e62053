// Whole files in and out. Nothing is ever half written: a temporary name, then a rename.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace saker {

// Memory that keeps a file's bytes; 64-byte aligned.
struct FileBytes {
  std::shared_ptr<std::byte> data;
  std::size_t size = 0;
  std::span<const std::byte> span() const { return {data.get(), size}; }
};

// Looks at the first bytes of a file (at most 64 KiB) before the rest is read; its error ends the reading.
using AcceptFirst = std::function<Status(std::span<const std::byte> first)>;

// A regular file, as everything must be that was found (in a folder, in a list, named in another file): pipes and
// devices are refused before they are opened for long. Errors: kNotFound, kIo (a folder, a pipe, no permission), kLimit
// (larger than max_bytes). Messages name the file.
Result<FileBytes> read_file(const std::string& path, std::size_t max_bytes, const AcceptFirst& accept = {});
Result<FileBytes> read_file_range(const std::string& path, std::size_t offset, std::size_t size);

// What the user named: it may also be a pipe or a device, which is read to its end. Error kLimit also when nothing
// comes for a minute, or no end within an hour.
Result<FileBytes> read_named_file(const std::string& path, std::size_t max_bytes, const AcceptFirst& accept = {});
// The same for standard input, which messages call "stdin".
Result<FileBytes> read_stdin(std::size_t max_bytes, const AcceptFirst& accept = {});

// A device, a pipe or a socket: written in place, since a rename would replace it.
bool is_special(const std::string& path);
// The file that a rename has to replace: what symbolic links lead to, whether it is there or not.
std::string behind_links(const std::string& path);
// Whether both names lead to one file, through links too.
bool same_file(const std::string& a, const std::string& b);

// Error kIo. Devices and pipes are written in place; of a symbolic link, what it points to is replaced.
Status write_file(const std::string& path, std::span<const std::byte> bytes);
Status write_file(const std::string& path, std::string_view text);

// The same for what is written piece by piece. Until finish() has succeeded nothing is in place; without it nothing
// will be.
class FileWriter {
 public:
  static Result<FileWriter> create(const std::string& path);
  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;
  ~FileWriter();

  Status append(std::string_view text);
  Status finish();

 private:
  Status flush();

  struct State;
  explicit FileWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether write_file could succeed, asked before long work starts; leaves nothing behind.
Status check_writable(const std::string& path);

// A folder that can be written to, made if need be.
Status make_folder(const std::string& folder);

}  // namespace saker
