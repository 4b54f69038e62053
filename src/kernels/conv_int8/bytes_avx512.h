// Bytes and integers of Vec (vec_avx512.h), and arithmetic that is the same on every level.
#pragma once

#include "kernels/simd/silu_quartics.h"
#include "kernels/simd/vec_avx512.h"

namespace saker {
namespace {

inline Vec fused(Vec a, Vec b, Vec c) {
  return fma(a, b, c);
}
inline Vec from_integers(Vec v) {
  return {_mm512_cvtepi32_ps(_mm512_castps_si512(v.v))};
}
inline Vec load_integers(const float* p) {
  return from_integers(Vec::load(p));
}
inline Vec load_bytes(const std::uint8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline Vec load_bytes_n(const std::uint8_t* p, int n) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(Vec::mask(n), p)))};
}
// Rounded and clamped to 0..255. Clamped above as float: the conversion of what does not fit an int32 is its lowest
// number. The rest is done by packing with saturation.
inline __m512i to_integers(Vec v) {
  return _mm512_cvtps_epi32(_mm512_min_ps(v.v, _mm512_set1_ps(255)));
}
inline __m128i to_bytes(Vec v) {
  return _mm512_cvtusepi32_epi8(_mm512_max_epi32(to_integers(v), _mm512_setzero_si512()));
}
// In each 128 bits those of the vectors, one after the other.
inline __m512i pack_lanes(const Vec (&v)[4]) {
  const __m512i low = _mm512_packs_epi32(to_integers(v[0]), to_integers(v[1]));
  const __m512i high = _mm512_packs_epi32(to_integers(v[2]), to_integers(v[3]));
  return _mm512_packus_epi16(low, high);
}
inline void store_bytes(Vec v, std::uint8_t* p) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), to_bytes(v));
}
inline void store_bytes_n(Vec v, std::uint8_t* p, int n) {
  _mm_mask_storeu_epi8(p, Vec::mask(n), to_bytes(v));
}
// Four vectors' bytes, `step` apart.
__attribute__((always_inline)) inline void store_bytes_4(const Vec (&v)[4], std::uint8_t* p, std::int64_t step) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i bytes = _mm512_permutexvar_epi32(order, pack_lanes(v));
  const auto at = [&](int k) { return reinterpret_cast<__m128i*>(p + k * step); };
  _mm_storeu_si128(at(0), _mm512_castsi512_si128(bytes));
  _mm_storeu_si128(at(1), _mm512_extracti32x4_epi32(bytes, 1));
  _mm_storeu_si128(at(2), _mm512_extracti32x4_epi32(bytes, 2));
  _mm_storeu_si128(at(3), _mm512_extracti32x4_epi32(bytes, 3));
}

// Cells of four channels' bytes, a pixel each: channel k, and all four.
inline Vec load_channel(const float* cells, int k) {
  const __m512i shifted = _mm512_srl_epi32(_mm512_loadu_si512(cells), _mm_cvtsi32_si128(8 * k));
  return {_mm512_cvtepi32_ps(_mm512_and_si512(shifted, _mm512_set1_epi32(0xff)))};
}
inline void store_cells(const Vec (&v)[4], float* cells) {
  const __m512i order = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  _mm512_storeu_si512(cells, _mm512_shuffle_epi8(pack_lanes(v), order));
}

inline Vec silu_by_quartics(Vec x) {
  constexpr int kAbsoluteMin = 0b1010;  // of vrangeps
  const __m512 t = _mm512_range_ps(x.v, _mm512_set1_ps(kSiluQuarticsLimit), kAbsoluteMin);
  // A permutation uses the low four bits: the table is there twice.
  const __m512 rounded = _mm512_fmadd_ps(t, _mm512_set1_ps(kSiluQuarticsPerUnit), _mm512_set1_ps(kSiluRounder));
  const __m512i segment = _mm512_castps_si512(rounded);
  const auto coefficient = [&](int power) {
    return _mm512_permutexvar_ps(segment, _mm512_broadcast_f32x8(_mm256_load_ps(kSiluQuartics[power])));
  };
  __m512 g = coefficient(kSiluDegree);
#pragma GCC unroll 4
  for (int power = kSiluDegree - 1; power >= 0; --power) g = _mm512_fmadd_ps(g, t, coefficient(power));
  return {_mm512_sub_ps(_mm512_max_ps(x.v, _mm512_setzero_ps()), g)};
}

}  // namespace
}  // namespace saker
