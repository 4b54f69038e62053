// BFloat16 in memory as floats in a Vec, of CPUs with AVX512_BF16: numbers below 2^-126 are stored as zero. Include
// after vec_avx512.h.
#pragma once

#include "base/half.h"
#include "kernels/simd/vec_avx512.h"

namespace saker {
namespace {

inline Vec widened(__m256i values) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16))};
}
inline Vec load_stored(const BFloat16* p) {
  return widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline Vec load_stored_n(const BFloat16* p, int n) {
  return widened(_mm256_maskz_loadu_epi16(Vec::mask(n), p));
}
inline void store_stored(Vec value, BFloat16* p) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), (__m256i)_mm512_cvtneps_pbh(value.v));
}
inline void store_stored_n(Vec value, BFloat16* p, int n) {
  _mm256_mask_storeu_epi16(p, Vec::mask(n), (__m256i)_mm512_cvtneps_pbh(value.v));
}

}  // namespace
}  // namespace saker
