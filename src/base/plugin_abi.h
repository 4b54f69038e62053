// What a plug-in and the library must agree on to pass C++ objects to each other, as one text: computed while they are
// compiled, from the sizes and offsets of everything that crosses and the signatures of what is called.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <version>

#include "base/fnv1a.h"

// Put before a plug-in's two functions; everything else is hidden (cmake/plugin.map).
#define SAKER_PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))

namespace saker {

class AbiHash {
 public:
  constexpr AbiHash& add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) hash_.byte(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  constexpr AbiHash& add(std::string_view text) {
    hash_.add(text);
    return add(text.size());
  }
  template <typename... T>
  constexpr AbiHash& sizes() {
    (add(sizeof(T)).add(alignof(T)), ...);
    return *this;
  }
  // The functions with their signatures, as the compiler spells them.
  template <auto... kFunctions>
  constexpr AbiHash& functions() {
    return types<decltype(kFunctions)...>();
  }
  // The language and the library that both are compiled with.
  constexpr AbiHash& compiler() {
    add(__GXX_ABI_VERSION).add(__cplusplus);
#if defined(_GLIBCXX_USE_CXX11_ABI)
    add(_GLIBCXX_USE_CXX11_ABI);
#endif
    return *this;
  }
  constexpr std::uint64_t value() const {
    return hash_.value();
  }

 private:
  template <typename... T>
  constexpr AbiHash& types() {
    return add(std::string_view(__PRETTY_FUNCTION__));
  }

  Fnv1a hash_;
};

// "saker-backend-3 0123456789abcdef 12.2.0" of "saker-backend-3"; ends with a zero.
template <std::size_t kSize>
constexpr auto abi_text(const char (&prefix)[kSize], std::uint64_t hash) {
  constexpr std::string_view kCompiler = " " __VERSION__;
  std::array<char, kSize + 1 + 16 + kCompiler.size()> out{};
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < kSize; ++i) out[at++] = prefix[i];
  out[at++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) out[at++] = "0123456789abcdef"[(hash >> shift) & 0xFU];
  for (const char c : kCompiler) out[at++] = c;
  return out;
}

}  // namespace saker
