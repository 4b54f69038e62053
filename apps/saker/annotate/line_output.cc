// Lines about frames, to stdout or a file.
#include "annotate/line_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/try.h"

namespace saker::cli {
namespace {

Error cannot_write(const std::string& path) {
  return {ErrorCode::kIo,
          fmt::format("{}: cannot write: {}", path == "-" ? "standard output" : path, std::strerror(errno))};
}

}  // namespace

Result<std::unique_ptr<LineOutput>> LineOutput::open(const std::string& path, bool as_they_come) {
  std::unique_ptr<LineOutput> lines(new LineOutput(path));
  if (path.empty()) return lines;
  if (path == "-") {
    lines->file_ = Descriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  } else if (as_they_come || is_special(path)) {
    lines->file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  } else {
    SAKER_ASSIGN(lines->output_, Output::open(path));
    return lines;
  }
  if (lines->file_.get() < 0) return cannot_write(path);
  return lines;
}

void LineOutput::write(std::string_view lines) {
  if (path_.empty()) return;
  const std::lock_guard lock(mutex_);
  if (output_) {
    output_->write(lines);
  } else {
    write_now(lines);
  }
}

void LineOutput::write_now(std::string_view lines) {
  while (!lines.empty() && status_.ok()) {
    const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
    if (written > 0) lines.remove_prefix(static_cast<std::size_t>(written));
    if (written <= 0 && errno != EINTR) status_ = cannot_write(path_);
  }
}

bool LineOutput::failed() const {
  const std::lock_guard lock(mutex_);
  return !status_.ok() || (output_ && output_->failed());
}

Status LineOutput::finish() {
  SAKER_TRY(status_);
  return output_ ? output_->finish() : Status();
}

TextOut LineOutput::text_out() {
  if (path_.empty()) return {};
  return [this](std::string_view lines) { write(lines); };
}

}  // namespace saker::cli
