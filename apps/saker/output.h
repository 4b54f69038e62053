// Text to stdout or to a file that appears only when it is complete.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"

namespace saker::cli {

// Opens those of the descriptors 0, 1 and 2 that are closed, so that no file of ours takes the place of stdout or
// stderr; using them stays an error. False: it cannot be done.
bool open_standard_streams();

class Output {
 public:
  // "-": stdout.
  static Result<Output> open(const std::string& path);

  void write(std::string_view text);  // failures are kept for finish()
  bool failed() const { return !status_.ok(); }
  Status finish();

 private:
  explicit Output(std::optional<FileWriter> file) : file_(std::move(file)) {}

  std::optional<FileWriter> file_;  // nothing: stdout
  Status status_;
};

// All of a text at once, for programs to read.
Status write_output(const std::string& path, std::string_view text);

// On stdout, for people: names that somebody else chose cannot act on the terminal, see printable().
Status show(std::string_view text);

}  // namespace saker::cli
