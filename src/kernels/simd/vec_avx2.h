// Vec for AVX2 + FMA: 8 floats.
// Only for kernel files: everything is in an anonymous namespace (see cmake/isa.cmake).
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace saker {
namespace {

struct Vec {
  static constexpr int kWidth = 8;
  static constexpr int kRegisters = 16;
  static constexpr bool kSiluByTable = false;
  __m256 v;

  static inline __m256i mask(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static inline Vec broadcast(float x) { return {_mm256_set1_ps(x)}; }
  static inline Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static inline Vec load_n(const float* p, int n) { return {_mm256_maskload_ps(p, mask(n))}; }
  inline void store(float* p) const { _mm256_storeu_ps(p, v); }
  inline void store_n(float* p, int n) const { _mm256_maskstore_ps(p, mask(n), v); }
};

inline Vec operator+(Vec a, Vec b) {
  return {_mm256_add_ps(a.v, b.v)};
}
inline Vec operator-(Vec a, Vec b) {
  return {_mm256_sub_ps(a.v, b.v)};
}
inline Vec operator*(Vec a, Vec b) {
  return {_mm256_mul_ps(a.v, b.v)};
}
inline Vec operator/(Vec a, Vec b) {
  return {_mm256_div_ps(a.v, b.v)};
}
inline Vec fma(Vec a, Vec b, Vec c) {
  return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}
inline Vec min(Vec a, Vec b) {
  return {_mm256_min_ps(a.v, b.v)};
}
inline Vec max(Vec a, Vec b) {
  return {_mm256_max_ps(a.v, b.v)};
}
// One Newton step on the 12-bit estimate: 23 bits. a must be finite and not 0.
inline Vec reciprocal(Vec a) {
  const __m256 r = _mm256_rcp_ps(a.v);
  return {_mm256_mul_ps(r, _mm256_fnmadd_ps(a.v, r, _mm256_set1_ps(2)))};
}
inline Vec select_negative(Vec x, Vec a, Vec b) {
  return {_mm256_blendv_ps(b.v, a.v, x.v)};
}
inline Vec clamped(Vec x) {
  return max(x, Vec::broadcast(-126));
}
inline Vec floor(Vec x) {
  return {_mm256_round_ps(x.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
// x - floor(x), of x below -126 as of -126.
inline Vec fraction(Vec x) {
  return clamped(x) - floor(clamped(x));
}
// p * 2^floor(x), 0 <= p <= 2; x below -126 counts as -126.
inline Vec scale_by_floor(Vec p, Vec x) {
  const __m256i n = _mm256_cvtps_epi32(floor(clamped(x)).v);
  const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23);
  return {_mm256_mul_ps(p.v, _mm256_castsi256_ps(exponent))};
}
inline float sum(Vec a) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}
inline float highest(Vec a) {
  __m128 x = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
}

}  // namespace
}  // namespace saker
