// BFloat16 in memory as floats in a Vec, by integers, as AVX512_BF16 rounds.
#pragma once

#include "base/half.h"
#include "kernels/simd/vec_baseline.h"

namespace saker {
namespace {

inline BFloat16 rounded_to_bf16(float value) {
  const bool is_tiny = (value < 0 ? -value : value) < 0x1p-126F;
  return {float_to_bfloat16(is_tiny ? value * 0.0F : value)};
}
inline float widened(BFloat16 value) {
  return bfloat16_to_float(value.bits);
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
