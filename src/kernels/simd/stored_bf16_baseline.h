// BFloat16 in memory as floats in a Vec, by integers, as AVX512_BF16 rounds.
#pragma once

#include "base/half.h"
#include "kernels/simd/vec_baseline.h"

namespace saker {
namespace {

inline BFloat16 rounded_to_bf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return {static_cast<std::uint16_t>(bits >> 16 | 0x40U)};    // NaN
  if (magnitude < 0x00800000U) return {static_cast<std::uint16_t>(bits >> 16 & 0x8000U)};  // below 2^-126
  return {static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16)};
}
inline float widened(BFloat16 value) {
  const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
inline Vec load_stored_n(const BFloat16* p, int n) {
  Vec r = Vec::broadcast(0);
  for (int i = 0; i < n; ++i) r.v[i] = widened(p[i]);
  return r;
}
inline Vec load_stored(const BFloat16* p) {
  return load_stored_n(p, Vec::kWidth);
}
inline void store_stored_n(Vec value, BFloat16* p, int n) {
  for (int i = 0; i < n; ++i) p[i] = rounded_to_bf16(value.v[i]);
}
inline void store_stored(Vec value, BFloat16* p) {
  store_stored_n(value, p, Vec::kWidth);
}

}  // namespace
}  // namespace saker
