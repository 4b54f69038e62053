#include "base/memory.h"

#include <cstdint>

#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace saker {

#if defined(__linux__)
namespace {

void advise([[maybe_unused]] void* memory, std::size_t bytes, std::size_t page, int advice) {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + page - 1) / page * page, last = (begin + bytes) / page * page;
  if (first < last) static_cast<void>(madvise(reinterpret_cast<void*>(first), last - first, advice));
}

}  // namespace

void use_huge_pages(void* memory, std::size_t bytes) {
  advise(memory, bytes, kHugePage, MADV_HUGEPAGE);
}

void release_pages(void* memory, std::size_t bytes) {
  advise(memory, bytes, 4096, MADV_DONTNEED);
}

void release_free_heap() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
#else
void use_huge_pages(void*, std::size_t) {}
void release_pages(void*, std::size_t) {}
void release_free_heap() {}
#endif

}  // namespace saker
