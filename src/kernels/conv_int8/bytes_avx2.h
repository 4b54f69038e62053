// Bytes and integers of Vec (vec_avx2.h), and arithmetic that is the same on every level.
#pragma once

#include <cstring>

#include "kernels/simd/silu_quartics.h"
#include "kernels/simd/vec_avx2.h"

namespace saker {
namespace {

inline Vec fused(Vec a, Vec b, Vec c) {
  return fma(a, b, c);
}
inline Vec from_integers(Vec v) {
  return {_mm256_cvtepi32_ps(_mm256_castps_si256(v.v))};
}
inline Vec load_integers(const float* p) {
  return from_integers(Vec::load(p));
}
inline Vec load_bytes(const std::uint8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
inline Vec load_bytes_n(const std::uint8_t* p, int n) {
  std::uint8_t bytes[Vec::kWidth] = {};
  std::memcpy(bytes, p, static_cast<std::size_t>(n));
  return load_bytes(bytes);
}
// Rounded and clamped to 0..255. Clamped above as float: the conversion of what does not fit an int32 is its lowest
// number. The rest is done by packing with saturation.
inline __m256i to_integers(Vec v) {
  return _mm256_cvtps_epi32(_mm256_min_ps(v.v, _mm256_set1_ps(255)));
}
// In each 128 bits those of the vectors, one after the other.
inline __m256i pack_lanes(const Vec (&v)[4]) {
  const __m256i low = _mm256_packs_epi32(to_integers(v[0]), to_integers(v[1]));
  const __m256i high = _mm256_packs_epi32(to_integers(v[2]), to_integers(v[3]));
  return _mm256_packus_epi16(low, high);
}
inline void store_bytes(Vec v, std::uint8_t* p) {
  const __m256i integers = to_integers(v);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
}
inline void store_bytes_n(Vec v, std::uint8_t* p, int n) {
  std::uint8_t bytes[Vec::kWidth];
  store_bytes(v, bytes);
  std::memcpy(p, bytes, static_cast<std::size_t>(n));
}
// Four vectors' bytes, `step` apart.
__attribute__((always_inline)) inline void store_bytes_4(const Vec (&v)[4], std::uint8_t* p, std::int64_t step) {
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i bytes = _mm256_permutevar8x32_epi32(pack_lanes(v), order);
  const __m128i first = _mm256_castsi256_si128(bytes), second = _mm256_extracti128_si256(bytes, 1);
  const auto at = [&](int k) { return reinterpret_cast<__m128i*>(p + k * step); };
  _mm_storel_epi64(at(0), first);
  _mm_storel_epi64(at(1), _mm_unpackhi_epi64(first, first));
  _mm_storel_epi64(at(2), second);
  _mm_storel_epi64(at(3), _mm_unpackhi_epi64(second, second));
}

// Cells of four channels' bytes, a pixel each: channel k, and all four.
inline Vec load_channel(const float* cells, int k) {
  const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(cells));
  const __m256i shifted = _mm256_srl_epi32(all, _mm_cvtsi32_si128(8 * k));
  return {_mm256_cvtepi32_ps(_mm256_and_si256(shifted, _mm256_set1_epi32(0xff)))};
}
inline void store_cells(const Vec (&v)[4], float* cells) {
  const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m256i bytes = _mm256_shuffle_epi8(pack_lanes(v), _mm256_broadcastsi128_si256(order));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(cells), bytes);
}

inline Vec silu_by_quartics(Vec x) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  const __m256 t = _mm256_min_ps(_mm256_andnot_ps(sign, x.v), _mm256_set1_ps(kSiluQuarticsLimit));
  const __m256 rounded = _mm256_fmadd_ps(t, _mm256_set1_ps(kSiluQuarticsPerUnit), _mm256_set1_ps(kSiluRounder));
  const __m256i segment = _mm256_castps_si256(rounded);
  const auto coefficient = [&](int power) {  // a permutation uses the low three bits
    return _mm256_permutevar8x32_ps(_mm256_load_ps(kSiluQuartics[power]), segment);
  };
  __m256 g = coefficient(kSiluDegree);
#pragma GCC unroll 4
  for (int power = kSiluDegree - 1; power >= 0; --power) g = _mm256_fmadd_ps(g, t, coefficient(power));
  return {_mm256_sub_ps(_mm256_max_ps(x.v, _mm256_setzero_ps()), g)};
}

}  // namespace
}  // namespace saker
