// Vec for AVX-512 (F, BW, DQ, VL): 16 floats.
// Only for kernel files: everything is in an anonymous namespace (see cmake/isa.cmake).
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/simd/silu_avx512.h"

namespace saker {
namespace {

struct Vec {
  static constexpr int kWidth = 16;
  static constexpr int kRegisters = 32;
  static constexpr bool kSiluByTable = true;
  __m512 v;

  static inline __mmask16 mask(int n) { return static_cast<__mmask16>((1U << n) - 1U); }
  static inline Vec broadcast(float x) { return {_mm512_set1_ps(x)}; }
  static inline Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static inline Vec load_n(const float* p, int n) { return {_mm512_maskz_loadu_ps(mask(n), p)}; }
  inline void store(float* p) const { _mm512_storeu_ps(p, v); }
  inline void store_n(float* p, int n) const { _mm512_mask_storeu_ps(p, mask(n), v); }
};

inline Vec operator+(Vec a, Vec b) {
  return {_mm512_add_ps(a.v, b.v)};
}
inline Vec operator-(Vec a, Vec b) {
  return {_mm512_sub_ps(a.v, b.v)};
}
inline Vec operator*(Vec a, Vec b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
inline Vec operator/(Vec a, Vec b) {
  return {_mm512_div_ps(a.v, b.v)};
}
inline Vec fma(Vec a, Vec b, Vec c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Vec min(Vec a, Vec b) {
  return {_mm512_min_ps(a.v, b.v)};
}
inline Vec max(Vec a, Vec b) {
  return {_mm512_max_ps(a.v, b.v)};
}
// One Newton step on the 14-bit estimate: 23 bits. a must be finite and not 0.
inline Vec reciprocal(Vec a) {
  const __m512 r = _mm512_rcp14_ps(a.v);
  return {_mm512_mul_ps(r, _mm512_fnmadd_ps(a.v, r, _mm512_set1_ps(2)))};
}
inline Vec select_negative(Vec x, Vec a, Vec b) {
  return {_mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(x.v)), b.v, a.v)};
}
// x - floor(x)
inline Vec fraction(Vec x) {
  return {_mm512_reduce_ps(x.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
// p * 2^floor(x)
inline Vec scale_by_floor(Vec p, Vec x) {
  return {_mm512_scalef_ps(p.v, x.v)};
}
inline Vec silu_by_table(Vec x) {
  return {silu_by_table(x.v)};
}
inline float sum(Vec a) {
  return _mm512_reduce_add_ps(a.v);
}
inline float highest(Vec a) {
  return _mm512_reduce_max_ps(a.v);
}

}  // namespace
}  // namespace saker
