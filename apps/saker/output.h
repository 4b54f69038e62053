// Text to stdout or to a file that appears only when it is complete.
#pragma once

#include <saker/result.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace saker::cli {

// A pipe, terminal or device: written to directly, never replaced.
bool is_device(const std::string& path);

class Output {
 public:
  // "-": stdout.
  static Result<Output> open(const std::string& path);
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();  // without finish() nothing is left behind

  void write(std::string_view text);  // failures are kept for finish()
  bool failed() const { return failed_; }
  Status finish();
  bool to_stdout() const { return path_ == "-"; }

 private:
  Output(std::string path, std::string temporary, std::FILE* file);

  std::string path_, temporary_;  // temporary_ is empty when written to directly
  std::FILE* file_;
  bool failed_ = false;
};

// All of a text at once, for programs to read.
Status write_output(const std::string& path, std::string_view text);

// On stdout, for people: names that somebody else chose cannot act on the terminal, see printable().
Status show(std::string_view text);

}  // namespace saker::cli
