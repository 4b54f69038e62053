// Text to stdout or to a file that appears only when it is complete.
#include "output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.h"

namespace saker::cli {

bool is_device(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  return std::filesystem::exists(status) && std::filesystem::is_other(status);
}

Output::Output(std::string path, std::string temporary, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)),
      failed_(other.failed_) {}

Output::~Output() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<Output> Output::open(const std::string& path) {
  if (path == "-") return Output(path, "", stdout);
  const std::string temporary = is_device(path) ? "" : fmt::format("{}.{}.tmp", path, ::getpid());
  std::FILE* file = std::fopen(temporary.empty() ? path.c_str() : temporary.c_str(), "we");
  if (file == nullptr) return Error{ErrorCode::kIo, fmt::format("{}: cannot write: {}", path, std::strerror(errno))};
  return Output(path, temporary, file);
}

void Output::write(std::string_view text) {
  if (!failed_) failed_ = std::fwrite(text.data(), 1, text.size(), file_) != text.size();
}

Status Output::finish() {
  const Error broken{ErrorCode::kIo, fmt::format("{}: cannot write all of it: is the disk full?",
                                                 path_ == "-" ? "standard output" : path_)};
  failed_ = std::fflush(file_) != 0 || failed_;
  if (to_stdout()) {
    if (failed_) return broken;
    return {};
  }
  failed_ = std::fclose(std::exchange(file_, nullptr)) != 0 || failed_;
  if (temporary_.empty()) {
    if (failed_) return broken;
    return {};
  }
  if (failed_) {
    ::unlink(temporary_.c_str());
    return broken;
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary_.c_str());
    return Error{ErrorCode::kIo, fmt::format("{}: cannot write: {}", path_, std::strerror(reason))};
  }
  return {};
}

Status write_output(const std::string& path, std::string_view text) {
  auto output = Output::open(path);
  if (!output.ok()) return output.error();
  output->write(text);
  return output->finish();
}

Status show(std::string_view text) {
  return write_output("-", printable(text));
}

}  // namespace saker::cli
