// Functions that code compiled with today's headers and GCC's own archives call and that glibc 2.28 lacks, made of what
// it has. Hidden: they serve the object that they are linked into and no other.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#pragma GCC visibility push(hidden)

// 2.32. libstdc++ leaves out atomic operations while this is not zero. Zero is always right, only slower.
char __libc_single_threaded = 0;

// 2.33. Until then these were inline functions over the ones with a version of the struct: 1 on x86-64.
#pragma GCC visibility push(default)
extern int __xstat(int version, const char* path, struct stat* result);
extern int __lxstat(int version, const char* path, struct stat* result);
extern int __fxstat(int version, int file, struct stat* result);
extern int __fxstatat(int version, int folder, const char* path, struct stat* result, int flags);
#pragma GCC visibility pop
enum { kStatVersion = 1 };

int stat(const char* path, struct stat* result) {
  return __xstat(kStatVersion, path, result);
}
int lstat(const char* path, struct stat* result) {
  return __lxstat(kStatVersion, path, result);
}
int fstat(int file, struct stat* result) {
  return __fxstat(kStatVersion, file, result);
}
int fstatat(int folder, const char* path, struct stat* result, int flags) {
  return __fxstatat(kStatVersion, folder, path, result, flags);
}
// The same struct under two names on 64-bit systems.
int stat64(const char* path, struct stat64* result) {
  return __xstat(kStatVersion, path, (struct stat*)result);
}
int lstat64(const char* path, struct stat64* result) {
  return __lxstat(kStatVersion, path, (struct stat*)result);
}
int fstat64(int file, struct stat64* result) {
  return __fxstat(kStatVersion, file, (struct stat*)result);
}

// Of what only costs more without: what the glibc that it runs on has, if that has it.
static int (*own_clockwait)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);
static int (*own_find_object)(void*, struct dl_find_object*);
__attribute__((constructor)) static void look_up(void) {
  *(void**)&own_clockwait = dlsym(RTLD_DEFAULT, "pthread_cond_clockwait");
  *(void**)&own_find_object = dlsym(RTLD_DEFAULT, "_dl_find_object");
}

// 2.30. Before, one could only wait for a time of the wall's clock; who sets that back makes the wait longer.
// std::condition_variable, which alone calls this, looks at its own clock afterwards, as it did before GCC 10.
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* until) {
  if (own_clockwait != NULL) return own_clockwait(condition, mutex, clock, until);
  const long second = 1000000000;
  struct timespec now, wall;
  clock_gettime(clock, &now);
  clock_gettime(CLOCK_REALTIME, &wall);
  wall.tv_sec += until->tv_sec - now.tv_sec;
  wall.tv_nsec += until->tv_nsec - now.tv_nsec;
  if (wall.tv_nsec < 0) {
    wall.tv_nsec += second;
    wall.tv_sec -= 1;
  } else if (wall.tv_nsec >= second) {
    wall.tv_nsec -= second;
    wall.tv_sec += 1;
  }
  return pthread_cond_timedwait(condition, mutex, &wall);
}

// 2.35. The unwinder in GCC 12's libgcc_eh.a asks for the object that holds an address and reads its table of frames,
// nothing else of the answer on x86-64.
static int find_in_object(struct dl_phdr_info* object, size_t size, void* data) {
  (void)size;
  struct dl_find_object* wanted = data;
  const uintptr_t address = (uintptr_t)wanted->dlfo_map_start;
  uintptr_t from = 0, to = 0, frames = 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)* header = &object->dlpi_phdr[i];
    const uintptr_t start = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) frames = start;
    if (header->p_type == PT_LOAD && address >= start && address < start + header->p_memsz) {
      from = start;
      to = start + header->p_memsz;
    }
  }
  if (to == 0) return 0;
  wanted->dlfo_map_start = (void*)from;
  wanted->dlfo_map_end = (void*)to;
  wanted->dlfo_eh_frame = (void*)frames;
  return 1;
}

int _dl_find_object(void* address, struct dl_find_object* result) {
  if (own_find_object != NULL) return own_find_object(address, result);
  struct dl_find_object found = {.dlfo_map_start = address};
  if (dl_iterate_phdr(find_in_object, &found) == 0 || found.dlfo_eh_frame == NULL) return -1;
  *result = found;
  return 0;
}

// 2.36. std::random_device may use it.
uint32_t arc4random(void) {
  uint32_t value = 0;
  if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) abort();
  return value;
}

#pragma GCC visibility pop
