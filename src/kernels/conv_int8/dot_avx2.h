// The dot product of four bytes in each 32 bits, for this level: multiply_add.
#pragma once

#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

struct WordOps {
  static inline __m256i bits(Vec x) { return _mm256_castps_si256(x.v); }
  static inline __m256i low_bytes(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi16(0xff)); }
  static inline __m256i high_bytes(__m256i x) { return _mm256_srli_epi16(x, 8); }
  static inline __m256i shift_left(__m256i x) { return _mm256_slli_epi16(x, 8); }
  static inline __m256i shift_right(__m256i x) { return _mm256_srai_epi16(x, 8); }
  static inline __m256i multiply_pairs(__m256i a, __m256i b) { return _mm256_madd_epi16(a, b); }
  static inline Vec add(Vec sum, __m256i a, __m256i b) {
    return {_mm256_castsi256_ps(_mm256_add_epi32(bits(sum), _mm256_add_epi32(a, b)))};
  }
};

}  // namespace
}  // namespace saker

// (multiply_add over WordOps)
#include "kernels/conv_int8/words.inl"
