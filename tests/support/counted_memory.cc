#include "support/counted_memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

// The linker sends every call of malloc in the program and the library to wrapped_malloc (--wrap), and so on.
extern "C" {
void* real_malloc(std::size_t bytes) asm("__real_malloc");
void* real_aligned_alloc(std::size_t alignment, std::size_t bytes) asm("__real_aligned_alloc");
void real_free(void* memory) asm("__real_free");
void* wrapped_malloc(std::size_t bytes) asm("__wrap_malloc");
void* wrapped_aligned_alloc(std::size_t alignment, std::size_t bytes) asm("__wrap_aligned_alloc");
void wrapped_free(void* memory) asm("__wrap_free");
}

namespace {

std::atomic<std::size_t> in_use = 0, peak = 0;

void* counted(void* memory) {
  const std::size_t now = in_use += malloc_usable_size(memory);
  for (std::size_t most = peak; now > most && !peak.compare_exchange_weak(most, now);) {
  }
  return memory;
}

}  // namespace

void* wrapped_malloc(std::size_t bytes) {
  return counted(real_malloc(bytes));
}
void* wrapped_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return counted(real_aligned_alloc(alignment, bytes));
}
void wrapped_free(void* memory) {
  in_use -= malloc_usable_size(memory);
  real_free(memory);
}

// Those of the C++ library lie outside of the program.
void* operator new(std::size_t bytes) {
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
  return std::malloc(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}

namespace saker {

std::size_t memory_in_use() {
  return in_use;
}
std::size_t peak_memory() {
  return peak;
}
void start_peak() {
  peak = in_use.load();
}

}  // namespace saker
