// Transposes 16 x 16 numbers of 32 bits, and moves bytes that are no whole vector. Include after vec_avx512.h.
#pragma once

#include "kernels/simd/vec_avx512.h"

namespace saker {
namespace {

inline Vec load_some(const void* p, std::int64_t bytes) {
  const auto mask = static_cast<__mmask64>((std::uint64_t{1} << bytes) - 1);
  return {_mm512_castsi512_ps(_mm512_maskz_loadu_epi8(mask, p))};
}
inline void store_some(Vec v, void* p, std::int64_t bytes) {
  const auto mask = static_cast<__mmask64>((std::uint64_t{1} << bytes) - 1);
  _mm512_mask_storeu_epi8(p, mask, _mm512_castps_si512(v.v));
}

// Pairs of rows, then fours within 128 bits, then the 128-bit parts.
__attribute__((always_inline)) inline void transpose(Vec (&r)[Vec::kWidth]) {
  __m512 t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i].v, r[i + 1].v);
    t[i + 1] = _mm512_unpackhi_ps(r[i].v, r[i + 1].v);
  }
  __m512 u[16];
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    const auto low = [](__m512 a, __m512 b) {
      return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    };
    const auto high = [](__m512 a, __m512 b) {
      return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    };
    u[i] = low(t[i], t[i + 2]);
    u[i + 1] = high(t[i], t[i + 2]);
    u[i + 2] = low(t[i + 1], t[i + 3]);
    u[i + 3] = high(t[i + 1], t[i + 3]);
  }
  // u[4j + i] holds in part k the column 4k + i of rows 4j to 4j + 3.
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512 a = _mm512_shuffle_f32x4(u[i], u[4 + i], 0x44), b = _mm512_shuffle_f32x4(u[i], u[4 + i], 0xee);
    const __m512 c = _mm512_shuffle_f32x4(u[8 + i], u[12 + i], 0x44);
    const __m512 d = _mm512_shuffle_f32x4(u[8 + i], u[12 + i], 0xee);
    r[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
    r[4 + i].v = _mm512_shuffle_f32x4(a, c, 0xdd);
    r[8 + i].v = _mm512_shuffle_f32x4(b, d, 0x88);
    r[12 + i].v = _mm512_shuffle_f32x4(b, d, 0xdd);
  }
}

}  // namespace
}  // namespace saker
