#include "runs/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace saker::runs {
namespace {

Error cannot(const std::string& path, const char* what, int reason) {
  return {ErrorCode::kIo, fmt::format("{}: cannot {}: {}", path, what, std::strerror(reason))};
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::string& path, bool exclusive) {
  const int flags = O_WRONLY | O_CLOEXEC | O_CREAT | O_APPEND | (exclusive ? O_EXCL : 0);
  Descriptor file(::open(path.c_str(), flags, 0666));
  if (file.get() < 0) return cannot(path, "open", errno);
  return AppendFile(path, std::move(file));
}

Status AppendFile::append(std::string_view record) {
  struct stat before {};
  if (::fstat(file_.get(), &before) != 0) return cannot(path_, "write", errno);
  ssize_t put = -1;
  do {
    put = ::write(file_.get(), record.data(), record.size());
  } while (put < 0 && errno == EINTR);
  if (put == static_cast<ssize_t>(record.size())) return {};
  const int reason = put < 0 ? errno : ENOSPC;  // less than all: there is no room
  if (put > 0 && ::ftruncate(file_.get(), before.st_size) != 0) return cannot(path_, "take back half a record", errno);
  return cannot(path_, "write", reason);
}

}  // namespace saker::runs
