#include "base/read_stream.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/try.h"

namespace saker {
namespace {

Error read_error(const std::string& name) {
  return {ErrorCode::kIo, fmt::format("{}: cannot read: {}", name, std::strerror(errno))};
}

// Pages that the kernel moves as they grow, so that no byte is ever held twice.
class Pages {
 public:
  Pages() = default;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }

  bool resize(std::size_t size) {
    void* moved = data_ == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                   : ::mremap(data_, size_, size, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) return false;
    data_ = static_cast<std::byte*>(moved);
    size_ = size;
    return true;
  }
  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

  FileBytes release(std::size_t used) && {
    const std::size_t mapped = std::exchange(size_, 0);
    std::byte* data = std::exchange(data_, nullptr);
    return {{data, [mapped](std::byte* start) { ::munmap(start, mapped); }}, used};
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Waits until there is something to read, or the end.
Status wait_for_bytes(int fd, const std::string& name, const Stopwatch& since, const StreamPatience& patience) {
  const auto left = static_cast<double>(patience.whole.count()) - since.ms();
  const auto longest = std::min(static_cast<double>(patience.silence.count()), left);
  pollfd waited = {fd, POLLIN, 0};
  int got = 0;
  const Stopwatch silence;
  do {
    got = ::poll(&waited, 1, static_cast<int>(std::max(0.0, longest - silence.ms())));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return read_error(name);
  if (got > 0) return {};
  if (left <= longest)
    return Error{ErrorCode::kLimit, fmt::format("{}: no end within {} s", name, patience.whole.count() / 1000)};
  return Error{ErrorCode::kLimit, fmt::format("{}: nothing came for {} s; does anything write to it?", name,
                                              patience.silence.count() / 1000)};
}

// The next bytes; 0 at the end.
Result<std::size_t> read_some(int fd, const std::string& name, std::span<std::byte> out, const Stopwatch& since,
                              const StreamPatience& patience) {
  for (;;) {
    SAKER_TRY(wait_for_bytes(fd, name, since, patience));
    const ssize_t got = ::read(fd, out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR && errno != EAGAIN) return read_error(name);
  }
}

}  // namespace

Error longer_than(const std::string& name, std::size_t max_bytes) {
  return {ErrorCode::kLimit, fmt::format("{}: longer than the limit of {} bytes", name, max_bytes)};
}

Result<FileBytes> read_stream(int fd, const std::string& name, std::size_t max_bytes, const AcceptFirst& accept,
                              const StreamPatience& patience) {
  const Stopwatch since;
  Pages pages;
  std::size_t used = 0;
  bool accepted = !accept;
  for (bool end = false; !end;) {
    if (used == pages.size() && !pages.resize(std::max(used * 2, kFirstBytes)))
      return Error{ErrorCode::kLimit, fmt::format("{}: no memory for {} bytes", name, used * 2)};
    SAKER_ASSIGN(const std::size_t got,
                 read_some(fd, name, {pages.data() + used, pages.size() - used}, since, patience));
    end = got == 0;
    used += got;
    if (used > max_bytes) return longer_than(name, max_bytes);
    if (!accepted && (end || used >= kFirstBytes)) {
      if (const Status looked = accept({pages.data(), std::min(used, kFirstBytes)}); !looked.ok())
        return looked.error().with_context(name);
      accepted = true;
    }
  }
  return std::move(pages).release(used);
}

}  // namespace saker
