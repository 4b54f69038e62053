// Preloaded into the command (LD_PRELOAD): lets one allocation fail, or one and all after it. Counted are those of at
// least FAIL_MIN bytes (256) from the start of main on, in every process called saker.
//
//   FAIL_AT=N     the N-th fails; 0 or unset: none
//   FAIL_ALL=1    and all after it
//   FAIL_COUNT=F  appends a line to file F at the end of main: how many there were
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
// glibc's own, under the names that stay when malloc is replaced.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

using Main = int (*)(int, char**, char**);

Main real_main = nullptr;
std::atomic<bool> counting{false};
std::atomic<long> counted{0};
long fail_at = 0;
bool fail_all = false;
std::size_t least = 256;

bool fails(std::size_t size) {
  if (size < least || !counting.load()) return false;
  const long number = counted.fetch_add(1) + 1;
  if (fail_at <= 0 || number < fail_at || (number > fail_at && !fail_all)) return false;
  errno = ENOMEM;
  return true;
}

long number_in(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

void report() {
  const char* path = std::getenv("FAIL_COUNT");
  if (path == nullptr) return;
  char line[32];
  const int length = std::snprintf(line, sizeof line, "%ld\n", counted.load());
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  [[maybe_unused]] const auto written = ::write(fd, line, static_cast<std::size_t>(length));
  ::close(fd);
}

int counted_main(int argc, char** argv, char** environment) {
  fail_at = number_in("FAIL_AT", 0);
  fail_all = number_in("FAIL_ALL", 0) != 0;
  least = static_cast<std::size_t>(number_in("FAIL_MIN", 256));
  counting.store(std::strcmp(program_invocation_short_name, "saker") == 0);
  const int code = real_main(argc, argv, environment);
  if (counting.exchange(false)) report();
  return code;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  return fails(size) ? nullptr : __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  return fails(count * size) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  return fails(size) ? nullptr : __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails(size) ? nullptr : __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  return aligned_alloc(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  if (fails(size)) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                      void* stack_end) {
  using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  const auto start = reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  real_main = main;
  return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
}
