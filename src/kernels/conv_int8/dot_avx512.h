// The dot product of four bytes in each 32 bits, for this level: multiply_add.
#pragma once

#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

struct WordOps {
  static inline __m512i bits(Vec x) { return _mm512_castps_si512(x.v); }
  static inline __m512i low_bytes(__m512i x) { return _mm512_and_si512(x, _mm512_set1_epi16(0xff)); }
  static inline __m512i high_bytes(__m512i x) { return _mm512_srli_epi16(x, 8); }
  static inline __m512i shift_left(__m512i x) { return _mm512_slli_epi16(x, 8); }
  static inline __m512i shift_right(__m512i x) { return _mm512_srai_epi16(x, 8); }
  static inline __m512i multiply_pairs(__m512i a, __m512i b) { return _mm512_madd_epi16(a, b); }
  static inline Vec add(Vec sum, __m512i a, __m512i b) {
    return {_mm512_castsi512_ps(_mm512_add_epi32(bits(sum), _mm512_add_epi32(a, b)))};
  }
};

}  // namespace
}  // namespace saker

// (multiply_add over WordOps)
#include "kernels/conv_int8/words.inl"
