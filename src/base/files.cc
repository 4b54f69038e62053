#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

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

Error too_long(const std::string& path, std::size_t max_bytes) {
  return {ErrorCode::kLimit, fmt::format("{}: longer than the limit of {} bytes", path, max_bytes)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

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

// Pipes and devices: the size is known only at the end.
Result<FileBytes> read_stream(int fd, const std::string& path, std::size_t max_bytes) {
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  do {
    bytes.resize(std::min(std::max<std::size_t>(used * 2, 1 << 16), max_bytes + 1));
    auto got = read_all(fd, path, bytes.data() + used, bytes.size() - used);
    if (!got.ok()) return got.error();
    used += *got;
  } while (used == bytes.size() && used <= max_bytes);
  if (used > max_bytes) return too_long(path, max_bytes);
  auto out = allocate(path, used);
  if (out.ok() && used > 0) std::memcpy(out->data.get(), bytes.data(), used);
  return out;
}

// In the folder of `path`, our own, and short whatever the length of the final name.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
  return fmt::format("{}.saker-{}-{}.tmp", folder, ::getpid(), counter.fetch_add(1));
}

// Devices and pipes are written in place: a rename would replace them.
bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

Result<FileBytes> read_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return io_error(path, "cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_error(path, "cannot read");
  if (S_ISDIR(info.st_mode)) return Error{ErrorCode::kIo, path + ": is a folder, not a file"};
  if (!S_ISREG(info.st_mode)) return read_stream(file.get(), path, max_bytes);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max_bytes) return too_long(path, max_bytes);
  auto bytes = allocate(path, size);
  if (!bytes.ok()) return bytes;
  auto got = read_all(file.get(), path, bytes->data.get(), size);
  if (!got.ok()) return got.error();
  bytes->size = *got;
  return bytes;
}

Result<FileBytes> read_file_range(const std::string& path, std::size_t offset, std::size_t size) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
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
  State(std::string final_path, std::string written_path, int fd)
      : path(std::move(final_path)), target(std::move(written_path)), file(fd) {}
  ~State() {
    if (!finished && target != path) ::unlink(target.c_str());
  }

  std::string path, target;  // equal: in place
  Descriptor file;
  bool finished = false;
};

FileWriter::FileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileWriter::FileWriter(FileWriter&&) noexcept = default;
FileWriter& FileWriter::operator=(FileWriter&&) noexcept = default;
FileWriter::~FileWriter() = default;

Result<FileWriter> FileWriter::create(const std::string& path) {
  const bool in_place = is_special(path);
  const std::string target = in_place ? path : temporary_name(path);
  const int fd = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | (in_place ? 0 : O_CREAT | O_EXCL), 0666);
  if (fd < 0) return write_error(path);
  return FileWriter(std::make_unique<State>(path, target, fd));
}

Status FileWriter::append(std::string_view text) {
  return write_all(state_->file.get(), state_->path, std::as_bytes(std::span(text)));
}

Status FileWriter::finish() {
  if (state_->target != state_->path && std::rename(state_->target.c_str(), state_->path.c_str()) != 0) {
    return write_error(state_->path);
  }
  state_->finished = true;
  return {};
}

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  return write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Status write_file(const std::string& path, std::string_view text) {
  auto file = FileWriter::create(path);
  if (!file.ok()) return file.error();
  if (auto written = file->append(text); !written.ok()) return written;
  return file->finish();
}

Status check_writable(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error{ErrorCode::kIo, path + ": cannot write: it is a folder"};
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) return write_error(path);
    return {};
  }
  const std::string temporary = temporary_name(path);
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return write_error(path);
  ::unlink(temporary.c_str());
  return {};
}

Status make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder)) {
    const std::string why = error ? error.message() : "it is a file";
    return Error{ErrorCode::kIo, fmt::format("cannot make the folder {}: {}", folder, why)};
  }
  const Status writable = check_writable((std::filesystem::path(folder) / ".saker").string());
  if (!writable.ok()) return Error{writable.error().code, "cannot write into the folder " + folder};
  return {};
}

}  // namespace saker
