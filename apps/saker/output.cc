// Text to stdout or to a file that appears only when it is complete.
#include "output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "base/try.h"

namespace saker::cli {
namespace {

Error stdout_error() {
  return {ErrorCode::kIo, fmt::format("standard output: cannot write: {}", std::strerror(errno))};
}

}  // namespace

bool open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The wrong way round: reading and writing fail. The lowest free number is this one.
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) return false;
  }
  return true;
}

Result<Output> Output::open(const std::string& path) {
  if (path == "-") return Output(std::nullopt);
  SAKER_ASSIGN(FileWriter file, FileWriter::create(path));
  return Output(std::move(file));
}

void Output::write(std::string_view text) {
  if (failed()) return;
  if (file_) {
    status_ = file_->append(text);
  } else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    status_ = stdout_error();
  }
}

Status Output::finish() {
  SAKER_TRY(status_);
  if (file_) return file_->finish();
  if (std::fflush(stdout) != 0) return stdout_error();
  return {};
}

Status write_output(const std::string& path, std::string_view text) {
  SAKER_ASSIGN(Output output, Output::open(path));
  output.write(text);
  return output.finish();
}

Status show(std::string_view text) {
  return write_output("-", printable(text));
}

}  // namespace saker::cli
