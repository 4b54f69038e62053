// FNV-1a, 64 bits (RFC 9923): a hash for names and comparisons, not against anybody who means harm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace saker {

class Fnv1a {
 public:
  constexpr Fnv1a& byte(std::uint8_t value) {
    hash_ = (hash_ ^ value) * 0x100000001B3U;
    return *this;
  }
  constexpr Fnv1a& add(std::string_view text) {
    for (const char c : text) byte(static_cast<std::uint8_t>(c));
    return *this;
  }
  constexpr Fnv1a& add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t b : bytes) byte(b);
    return *this;
  }
  constexpr std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

}  // namespace saker
