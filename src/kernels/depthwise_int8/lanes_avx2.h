// Lanes of 16 bytes for triples.inl: how a vector's are read, interleaved and written.
#pragma once

#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

struct Lanes {
  static constexpr int kCount = 2;
  using Bytes = __m256i;

  static inline Bytes load(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static inline Bytes gather(const std::uint8_t* const (&p)[kCount]) {
    return _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(p[1]), reinterpret_cast<const __m128i*>(p[0]));
  }
  // In each 32 bits a channel's bytes of a, b, c and 0: four vectors of a lane's channels 0..3, 4..7, ...
  static inline void interleave(Bytes a, Bytes b, Bytes c, Vec (&x)[4]) {
    const __m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
    const __m256i c_low = _mm256_unpacklo_epi8(c, _mm256_setzero_si256()),
                  c_high = _mm256_unpackhi_epi8(c, _mm256_setzero_si256());
    x[0] = {_mm256_castsi256_ps(_mm256_unpacklo_epi16(ab_low, c_low))};
    x[1] = {_mm256_castsi256_ps(_mm256_unpackhi_epi16(ab_low, c_low))};
    x[2] = {_mm256_castsi256_ps(_mm256_unpacklo_epi16(ab_high, c_high))};
    x[3] = {_mm256_castsi256_ps(_mm256_unpackhi_epi16(ab_high, c_high))};
  }
  static inline void store(Bytes bytes, std::uint8_t* p) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), bytes); }
};

}  // namespace
}  // namespace saker
