// Random numbers that are the same on every machine and with every standard library: the standard fixes the
// sequence of mt19937_64, but not what std::shuffle and the distributions make of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace saker {

// Neighbouring inputs, unrelated results (SplitMix64; Steele, Lea, Flood, 2014).
constexpr std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

class PortableRandom {
 public:
  explicit PortableRandom(std::uint64_t seed) : engine_(seed) {}

  // Below `count` (at least 1), each number equally likely.
  std::uint64_t below(std::uint64_t count) {
    const std::uint64_t uneven = (UINT64_MAX % count + 1) % count;  // 2^64 mod count: so many would be likelier
    std::uint64_t value = engine_();
    while (value > UINT64_MAX - uneven) value = engine_();
    return value % count;
  }

  // In [low, high).
  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(engine_() >> 11) * 0x1p-53);
  }

  template <typename T>
  void shuffle(std::vector<T>& items) {  // Fisher-Yates
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace saker
