// The dot product of four bytes in each 32 bits, for this level: multiply_add.
#pragma once

#include "kernels/conv_int8/bytes_baseline.h"

#if defined(__SSE2__)
#include <emmintrin.h>

namespace saker {
namespace {

struct WordOps {
  static inline __m128i bits(Vec x) { return reinterpret_cast<__m128i>(x.v); }
  static inline __m128i low_bytes(__m128i x) { return _mm_and_si128(x, _mm_set1_epi16(0xff)); }
  static inline __m128i high_bytes(__m128i x) { return _mm_srli_epi16(x, 8); }
  static inline __m128i shift_left(__m128i x) { return _mm_slli_epi16(x, 8); }
  static inline __m128i shift_right(__m128i x) { return _mm_srai_epi16(x, 8); }
  static inline __m128i multiply_pairs(__m128i a, __m128i b) { return _mm_madd_epi16(a, b); }
  static inline Vec add(Vec sum, __m128i a, __m128i b) {
    return {reinterpret_cast<Vec::Native>(_mm_add_epi32(bits(sum), _mm_add_epi32(a, b)))};
  }
};

}  // namespace
}  // namespace saker

// (multiply_add over WordOps)
#include "kernels/conv_int8/words.inl"

#else

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  std::uint8_t a[16];
  std::int8_t b[16];
  std::int32_t c[4];
  std::memcpy(a, &x.v, 16);
  std::memcpy(b, &weight.v, 16);
  std::memcpy(c, &sum.v, 16);
  for (int i = 0; i < 16; ++i) c[i / 4] += a[i] * b[i];
  std::memcpy(&sum.v, c, 16);
  return sum;
}

}  // namespace
}  // namespace saker

#endif
