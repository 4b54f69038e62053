// Temporary files and folders, never left behind: removed by whoever made them, or when a signal ends the program.
#include "base/temporary.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace saker {
namespace {

// What a signal handler can look at: fixed places, no locks, no allocation.
constexpr std::size_t kSlots = 64, kLongestPath = 4096;
enum SlotState : int { kFree, kTaken, kReady };
struct Slot {
  std::atomic<int> state{kFree};
  std::array<char, kLongestPath> path = {};
};
std::array<Slot, kSlots> slots;
std::atomic<bool> ending{false};
std::atomic<pid_t> owner{0};

int take_slot(const std::string& path) noexcept {
  if (path.size() >= kLongestPath) return -1;
  for (std::size_t i = 0; i < kSlots; ++i) {
    int expected = kFree;
    if (!slots[i].state.compare_exchange_strong(expected, kTaken)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].state.store(kReady);
    return static_cast<int>(i);
  }
  return -1;
}

void free_slot(int slot) noexcept {
  if (slot >= 0) slots[static_cast<std::size_t>(slot)].state.store(kFree);
}

// ---- what follows runs in a signal handler: async-signal-safe calls only (signal-safety(7)) ----

// As the kernel writes it; opendir() allocates.
struct KernelEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

void remove_at(int folder, const char* name, int depth);

void empty_folder(int fd, int depth) {
  alignas(KernelEntry) std::array<char, 2048> block;
  for (;;) {
    const long got = ::syscall(SYS_getdents64, fd, block.data(), block.size());
    if (got <= 0) return;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const KernelEntry*>(block.data() + at);
      const std::string_view name(entry->name);
      if (name != "." && name != "..") remove_at(fd, entry->name, depth);
      at += entry->length;
    }
  }
}

void remove_at(int folder, const char* name, int depth) {
  constexpr int kDeepest = 16;  // what is made here has two levels
  if (::unlinkat(folder, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || depth > kDeepest) return;
  const int fd = ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  // Other threads still write into it, and entries are passed over while others disappear: a few times.
  for (int round = 0; round < 8; ++round) {
    ::lseek(fd, 0, SEEK_SET);
    empty_folder(fd, depth + 1);
    if (::unlinkat(folder, name, AT_REMOVEDIR) == 0) break;
  }
  ::close(fd);
}

void on_signal(int number) {
  if (owner.load() == ::getpid()) remove_temporaries();  // not in a child between fork and exec
  ::signal(number, SIG_DFL);
  ::raise(number);  // comes when this handler has returned
}

}  // namespace

TemporaryPath::TemporaryPath(std::string path) : path_(std::move(path)), slot_(take_slot(path_)) {
  while (ending.load()) ::pause();  // nothing new while a signal ends the program
}

TemporaryPath::TemporaryPath(TemporaryPath&& other) noexcept
    : path_(std::exchange(other.path_, {})), slot_(std::exchange(other.slot_, -1)) {}

TemporaryPath& TemporaryPath::operator=(TemporaryPath&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  slot_ = std::exchange(other.slot_, -1);
  return *this;
}

TemporaryPath::~TemporaryPath() {
  remove();
}

TemporaryPath TemporaryPath::beside(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
  return TemporaryPath(fmt::format("{}.saker-{}-{}.tmp", folder, ::getpid(), counter.fetch_add(1)));
}

void TemporaryPath::keep() noexcept {
  path_.clear();
  free_slot(std::exchange(slot_, -1));
}

void TemporaryPath::remove() noexcept {
  if (path_.empty()) return;
  remove_at(AT_FDCWD, path_.c_str(), 0);
  keep();
}

void remove_temporaries() noexcept {
  if (ending.exchange(true)) return;
  for (const Slot& slot : slots) {
    if (slot.state.load() == kReady) remove_at(AT_FDCWD, slot.path.data(), 0);
  }
}

void remove_temporaries_on_signals() {
  owner.store(::getpid());
  ::signal(SIGXFSZ, SIG_IGN);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigfillset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    struct sigaction before = {};
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      ::sigaction(number, &action, nullptr);
  }
}

}  // namespace saker
