#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/descriptor.h"
#include "base/read_stream.h"
#include "base/temporary.h"
#include "base/try.h"

namespace saker {
namespace {

constexpr std::size_t kAlignment = 64;

Error io_error(const std::string& path, const char* what) {
  const int reason = errno;
  const ErrorCode code = reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code, fmt::format("{}: {}: {}", path, what, std::strerror(reason))};
}

Error write_error(const std::string& path) {
  return {ErrorCode::kIo, fmt::format("{}: cannot write: {}", path, std::strerror(errno))};
}

Result<FileBytes> allocate(const std::string& path, std::size_t size) {
  const std::size_t rounded = (size + kAlignment) / kAlignment * kAlignment;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded));
  if (memory == nullptr) return Error{ErrorCode::kLimit, fmt::format("{}: no memory for {} bytes", path, size)};
  return FileBytes{{memory, std::free}, size};
}

// Reads up to `size` bytes; fewer if the file is shorter.
Result<std::size_t> read_all(int fd, const std::string& path, std::byte* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, out + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(path, "cannot read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Status write_all(int fd, const std::string& path, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return write_error(path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

// Those of a regular file, the first of them looked at before there is memory for all.
Result<FileBytes> read_regular(int fd, const std::string& path, std::size_t size, const AcceptFirst& accept) {
  std::size_t done = 0;
  FileBytes first;
  if (accept) {
    SAKER_ASSIGN(first, allocate(path, std::min(size, kFirstBytes)));
    SAKER_ASSIGN(done, read_all(fd, path, first.data.get(), first.size));
    if (const Status accepted = accept({first.data.get(), done}); !accepted.ok())
      return accepted.error().with_context(path);
  }
  SAKER_ASSIGN(FileBytes bytes, allocate(path, size));
  if (done > 0) std::memcpy(bytes.data.get(), first.data.get(), done);
  SAKER_ASSIGN(const std::size_t more, read_all(fd, path, bytes.data.get() + done, size - done));
  bytes.size = done + more;
  return bytes;
}

Result<FileBytes> read_any(const std::string& path, std::size_t max_bytes, const AcceptFirst& accept, bool named) {
  // Without O_NONBLOCK a pipe that nobody writes to would not even open.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return io_error(path, "cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_error(path, "cannot read");
  if (S_ISDIR(info.st_mode)) return Error{ErrorCode::kIo, path + ": is a folder, not a file"};
  if (!S_ISREG(info.st_mode)) {
    if (named) return read_stream(file.get(), path, max_bytes, accept);
    return Error{ErrorCode::kIo, path + ": is not a regular file"};
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max_bytes) return longer_than(path, max_bytes);
  return read_regular(file.get(), path, size, accept);
}

}  // namespace

bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

std::string behind_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::filesystem::path real = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(real, error);
    if (error) return real.string();
    real = real.parent_path() / target;
  }
  return path;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return a == b || std::filesystem::equivalent(a, b, error);
}

Result<FileBytes> read_file(const std::string& path, std::size_t max_bytes, const AcceptFirst& accept) {
  return read_any(path, max_bytes, accept, false);
}

Result<FileBytes> read_named_file(const std::string& path, std::size_t max_bytes, const AcceptFirst& accept) {
  return read_any(path, max_bytes, accept, true);
}

Result<FileBytes> read_stdin(std::size_t max_bytes, const AcceptFirst& accept) {
  return read_stream(STDIN_FILENO, "stdin", max_bytes, accept);
}

Result<FileBytes> read_file_range(const std::string& path, std::size_t offset, std::size_t size) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return io_error(path, "cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return Error{ErrorCode::kIo, path + ": is not a regular file"};
  const auto length = static_cast<std::size_t>(info.st_size);
  if (offset > length || size > length - offset) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: bytes {}..{} are wanted, but the file has {}", path, offset, offset + size, length)};
  }
  if (::lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return io_error(path, "cannot seek");
  auto bytes = allocate(path, size);
  if (!bytes.ok()) return bytes;
  auto got = read_all(file.get(), path, bytes->data.get(), size);
  if (!got.ok()) return got.error();
  if (*got != size) return Error{ErrorCode::kIo, path + ": became shorter while it was read"};
  return bytes;
}

struct FileWriter::State {
  State(std::string file_path, int fd) : path(std::move(file_path)), file(fd) {}

  std::string path;
  std::optional<TemporaryPath> temporary;  // nothing: written in place
  std::string replaced;                    // what the temporary file becomes
  Descriptor file;
  std::string waiting;  // not written yet
};

FileWriter::FileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileWriter::FileWriter(FileWriter&&) noexcept = default;
FileWriter& FileWriter::operator=(FileWriter&&) noexcept = default;
FileWriter::~FileWriter() = default;

Result<FileWriter> FileWriter::create(const std::string& path) {
  auto state = std::make_unique<State>(path, -1);
  if (is_special(path)) {
    state->file = Descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  } else {
    state->replaced = behind_links(path);
    state->temporary = TemporaryPath::beside(state->replaced);
    state->file = Descriptor(::open(state->temporary->path().c_str(), O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0666));
  }
  if (state->file.get() < 0) return write_error(path);
  return FileWriter(std::move(state));
}

Status FileWriter::append(std::string_view text) {
  constexpr std::size_t kBlock = std::size_t{64} << 10;
  if (state_->waiting.size() + text.size() > kBlock) SAKER_TRY(flush());
  if (text.size() > kBlock) return write_all(state_->file.get(), state_->path, std::as_bytes(std::span(text)));
  state_->waiting += text;
  return {};
}

Status FileWriter::flush() {
  SAKER_TRY(write_all(state_->file.get(), state_->path, std::as_bytes(std::span(state_->waiting))));
  state_->waiting.clear();
  return {};
}

Status FileWriter::finish() {
  SAKER_TRY(flush());
  if (!state_->temporary) return {};
  if (std::rename(state_->temporary->path().c_str(), state_->replaced.c_str()) != 0) return write_error(state_->path);
  state_->temporary->keep();
  return {};
}

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  return write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Status write_file(const std::string& path, std::string_view text) {
  SAKER_ASSIGN(FileWriter file, FileWriter::create(path));
  SAKER_TRY(file.append(text));
  return file.finish();
}

Status check_writable(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error{ErrorCode::kIo, path + ": cannot write: it is a folder"};
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) return write_error(path);
    return {};
  }
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.size() > NAME_MAX) {
    errno = ENAMETOOLONG;
    return write_error(path);
  }
  const std::string target = behind_links(path);
  const TemporaryPath temporary = TemporaryPath::beside(target);
  const Descriptor file(::open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return write_error(path);
  return {};
}

Status make_folder(const std::string& folder) {
  std::error_code error, ignored;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder, ignored)) {
    const std::string why = error ? error.message() : "it is a file";
    return Error{ErrorCode::kIo, fmt::format("cannot make the folder {}: {}", folder, why)};
  }
  const Status writable = check_writable((std::filesystem::path(folder) / ".saker").string());
  if (!writable.ok()) return Error{writable.error().code, "cannot write into the folder " + folder};
  return {};
}

}  // namespace saker
