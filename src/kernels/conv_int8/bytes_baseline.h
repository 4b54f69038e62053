// Bytes and integers of Vec (vec_baseline.h), and arithmetic that is the same on every level.
#pragma once

#include "kernels/simd/silu_quartics.h"
#include "kernels/simd/vec_baseline.h"

namespace saker {
namespace {

inline Vec fused(Vec a, Vec b, Vec c) {
  Vec r;
  for (int i = 0; i < Vec::kWidth; ++i) r.v[i] = __builtin_fmaf(a.v[i], b.v[i], c.v[i]);
  return r;
}
inline Vec load_integers(const float* p) {
  Vec::NativeInt integers;
  std::memcpy(&integers, p, sizeof integers);
  return {__builtin_convertvector(integers, Vec::Native)};
}
inline Vec load_bytes_n(const std::uint8_t* p, int n) {
  Vec r = Vec::broadcast(0);
  for (int i = 0; i < n; ++i) r.v[i] = p[i];
  return r;
}
inline Vec load_bytes(const std::uint8_t* p) {
  return load_bytes_n(p, Vec::kWidth);
}
inline void store_bytes_n(Vec v, std::uint8_t* p, int n) {
  const Vec clamped = min(max(v, Vec::broadcast(0)), Vec::broadcast(255));
  for (int i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(__builtin_nearbyintf(clamped.v[i]));
}
inline void store_bytes(Vec v, std::uint8_t* p) {
  store_bytes_n(v, p, Vec::kWidth);
}

// Four vectors' bytes, `step` apart.
__attribute__((always_inline)) inline void store_bytes_4(const Vec (&v)[4], std::uint8_t* p, std::int64_t step) {
  for (int i = 0; i < 4; ++i) store_bytes(v[i], p + i * step);
}

// Cells of four channels' bytes, a pixel each: channel k, and all four.
inline Vec load_channel(const float* cells, int k) {
  Vec r = Vec::broadcast(0);
  for (int i = 0; i < Vec::kWidth; ++i) r.v[i] = reinterpret_cast<const std::uint8_t*>(cells + i)[k];
  return r;
}
inline void store_cells(const Vec (&v)[4], float* cells) {
  for (int k = 0; k < 4; ++k) {
    std::uint8_t bytes[Vec::kWidth];
    store_bytes(v[k], bytes);
    for (int i = 0; i < Vec::kWidth; ++i) reinterpret_cast<std::uint8_t*>(cells + i)[k] = bytes[i];
  }
}

inline Vec silu_by_quartics(Vec x) {
  const Vec zero = Vec::broadcast(0);
  const Vec t = min(max(x, zero - x), Vec::broadcast(kSiluQuarticsLimit));
  const Vec rounded = fused(t, Vec::broadcast(kSiluQuarticsPerUnit), Vec::broadcast(kSiluRounder));
  Vec c[kSiluDegree + 1];
  for (int i = 0; i < Vec::kWidth; ++i) {
    std::uint32_t bits;
    const float element = rounded.v[i];
    std::memcpy(&bits, &element, sizeof bits);
    for (int power = 0; power <= kSiluDegree; ++power) c[power].v[i] = kSiluQuartics[power][bits & (kSiluSegments - 1)];
  }
  Vec g = c[kSiluDegree];
  for (int power = kSiluDegree - 1; power >= 0; --power) g = fused(g, t, c[power]);
  return max(x, zero) - g;
}

}  // namespace
}  // namespace saker
