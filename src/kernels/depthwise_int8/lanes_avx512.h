// Lanes of 16 bytes for triples.inl: how a vector's are read, interleaved and written.
#pragma once

#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

struct Lanes {
  static constexpr int kCount = 4;
  using Bytes = __m512i;

  static inline Bytes load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
  static inline Bytes gather(const std::uint8_t* const (&p)[kCount]) {
    const auto lane = [&](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p[i])); };
    const __m512i first = _mm512_inserti32x4(_mm512_castsi128_si512(lane(0)), lane(1), 1);
    return _mm512_inserti32x4(_mm512_inserti32x4(first, lane(2), 2), lane(3), 3);
  }
  // In each 32 bits a channel's bytes of a, b, c and 0: four vectors of a lane's channels 0..3, 4..7, ...
  static inline void interleave(Bytes a, Bytes b, Bytes c, Vec (&x)[4]) {
    const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
    const __m512i c_low = _mm512_unpacklo_epi8(c, _mm512_setzero_si512()),
                  c_high = _mm512_unpackhi_epi8(c, _mm512_setzero_si512());
    x[0] = {_mm512_castsi512_ps(_mm512_unpacklo_epi16(ab_low, c_low))};
    x[1] = {_mm512_castsi512_ps(_mm512_unpackhi_epi16(ab_low, c_low))};
    x[2] = {_mm512_castsi512_ps(_mm512_unpacklo_epi16(ab_high, c_high))};
    x[3] = {_mm512_castsi512_ps(_mm512_unpackhi_epi16(ab_high, c_high))};
  }
  static inline void store(Bytes bytes, std::uint8_t* p) { _mm512_storeu_si512(p, bytes); }
};

}  // namespace
}  // namespace saker
