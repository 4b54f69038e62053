// Bytes and integers of Vec (vec_avx512.h), and arithmetic that is the same on every level.
#pragma once

#include "kernels/simd/silu_squares.h"
#include "kernels/simd/vec_avx512.h"

namespace saker {
namespace {

inline Vec fused(Vec a, Vec b, Vec c) {
  return fma(a, b, c);
}
inline Vec load_integers(const float* p) {
  return {_mm512_cvtepi32_ps(_mm512_loadu_si512(p))};
}
inline Vec load_bytes(const std::uint8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline Vec load_bytes_n(const std::uint8_t* p, int n) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(Vec::mask(n), p)))};
}
// Clamped as float: the conversion of what does not fit an int32 is its lowest number.
inline __m128i to_bytes(Vec v) {
  const Vec clamped = min(max(v, Vec::broadcast(0)), Vec::broadcast(255));
  return _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(clamped.v));
}
inline void store_bytes(Vec v, std::uint8_t* p) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), to_bytes(v));
}
inline void store_bytes_n(Vec v, std::uint8_t* p, int n) {
  _mm_mask_storeu_epi8(p, Vec::mask(n), to_bytes(v));
}

inline Vec silu_by_squares(Vec x) {
  const __m512 t = _mm512_min_ps(_mm512_abs_ps(x.v), _mm512_set1_ps(kSiluSquaresLimit));
  const __m512 s = _mm512_fmadd_ps(t, _mm512_set1_ps(kSiluSquaresUnit), _mm512_set1_ps(1));
  const __m512i segment = _mm512_srli_epi32(_mm512_castps_si512(s), 20);  // permutations use the low five bits
  const auto coefficient = [&](int power) {
    return _mm512_permutex2var_ps(_mm512_load_ps(kSiluSquares[power]), segment,
                                  _mm512_load_ps(kSiluSquares[power] + 16));
  };
  __m512 g = _mm512_fmadd_ps(coefficient(2), t, coefficient(1));
  g = _mm512_fmadd_ps(g, t, coefficient(0));
  return {_mm512_sub_ps(_mm512_max_ps(x.v, _mm512_setzero_ps()), g)};
}

}  // namespace
}  // namespace saker
