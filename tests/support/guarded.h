// Buffers of floats that end exactly where readable memory ends: reading or writing one element too
// far crashes. Also sentinels, which show that nothing else was written.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"

namespace saker {

// A NaN that arithmetic never makes.
constexpr std::uint32_t kSentinelBits = 0x7FA5A5A5U;
inline float sentinel() {
  return std::bit_cast<float>(kSentinelBits);
}
inline bool is_sentinel(const float& value) {
  std::uint32_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits == kSentinelBits;
}

// `alignment` in floats: the data starts at a multiple of it, with sentinels in the gap that leaves at the end.
class GuardedFloats {
 public:
  explicit GuardedFloats(std::int64_t count, std::size_t alignment = 1) : count_(static_cast<std::size_t>(count)) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t rounded = (count_ + alignment - 1) / alignment * alignment;
    const std::size_t inside = (rounded * sizeof(float) + page - 1) / page * page;
    mapped_ = page + inside + page;
    base_ = static_cast<std::byte*>(mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    SAKER_CHECK(base_ != MAP_FAILED);
    if (inside > 0) SAKER_CHECK(mprotect(base_ + page, inside, PROT_READ | PROT_WRITE) == 0);
    data_ = reinterpret_cast<float*>(base_ + page + inside) - rounded;
    for (std::size_t i = 0; i < rounded; ++i) __builtin_memcpy(data_ + i, &kSentinelBits, sizeof kSentinelBits);
  }
  explicit GuardedFloats(const std::vector<float>& values, std::size_t alignment = 1)
      : GuardedFloats(static_cast<std::int64_t>(values.size()), alignment) {
    for (std::size_t i = 0; i < count_; ++i) data_[i] = values[i];
  }
  GuardedFloats(GuardedFloats&& other) noexcept
      : count_(other.count_), mapped_(other.mapped_), base_(std::exchange(other.base_, nullptr)), data_(other.data_) {}
  GuardedFloats& operator=(GuardedFloats&&) = delete;
  ~GuardedFloats() {
    if (base_ != nullptr) munmap(base_, mapped_);
  }

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::size_t size() const { return count_; }
  float& operator[](std::size_t i) { return data_[i]; }
  const float& operator[](std::size_t i) const { return data_[i]; }

 private:
  std::size_t count_ = 0;
  std::size_t mapped_ = 0;
  std::byte* base_ = nullptr;
  float* data_ = nullptr;
};

}  // namespace saker
