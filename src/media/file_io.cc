// Whole files in and out of memory, over POSIX calls.
#include "media/file_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace saker {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

Error io_error(const std::string& path, const char* what, int error_number) {
  const ErrorCode code = error_number == ENOENT || error_number == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code, fmt::format("{}: {}: {}", path, what, std::generic_category().message(error_number))};
}

Error write_error(const std::string& path, int error_number) {
  return {ErrorCode::kIo, fmt::format("{}: cannot write: {}", path, std::generic_category().message(error_number))};
}

ssize_t read_some(int fd, std::uint8_t* data, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::read(fd, data, size);
  } while (got < 0 && errno == EINTR);
  return got;
}

// 0 or an errno value.
int write_all(int fd, std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kChunk = std::size_t{1} << 30;
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), std::min(bytes.size(), kChunk));
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

// A name of our own in the folder of `path`, short enough whatever the length of the final name.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
  return fmt::format("{}.saker-{}-{}.tmp", folder, ::getpid(), counter.fetch_add(1));
}

// 0 or an errno value; leaves nothing behind when it fails.
int write_and_rename(const std::string& temporary, const std::string& path, std::span<const std::uint8_t> bytes) {
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return errno;
  int failure = write_all(file.get(), bytes);
  if (file.close() != 0 && failure == 0) failure = errno;
  if (failure == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) ::unlink(temporary.c_str());
  return failure;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file_bounded(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return io_error(path, "cannot open", errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return io_error(path, "cannot read", errno);
  if (S_ISDIR(info.st_mode)) return Error{ErrorCode::kIo, fmt::format("{}: is a folder, not a file", path)};

  const Error too_long = {ErrorCode::kLimit,
                          fmt::format("{}: longer than the limit of {} bytes for one file", path, max_bytes)};
  const auto declared = static_cast<std::uintmax_t>(std::max<off_t>(info.st_size, 0));
  if (declared > max_bytes) return too_long;

  // The size is a hint only: pipes have none, and a file may grow while it is read.
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(declared) + 1);
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) {
      if (used > max_bytes) return too_long;
      bytes.resize(std::min(std::max<std::size_t>(used * 2, 65536), max_bytes + 1));
    }
    const ssize_t got = read_some(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0) return io_error(path, "cannot read", errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > max_bytes) return too_long;
  bytes.resize(used);
  return bytes;
}

Status write_file_atomically(const std::string& path, std::span<const std::uint8_t> bytes) {
  constexpr int kAttempts = 100;  // names left behind by a process that was killed
  int failure = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    failure = write_and_rename(temporary_name(path), path, bytes);
    if (failure != EEXIST) break;
  }
  if (failure != 0) return write_error(path, failure);
  return {};
}

}  // namespace saker
