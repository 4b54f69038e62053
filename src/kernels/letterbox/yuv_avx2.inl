// Rows of planes to RGB with AVX2, for its level and the one above: the arithmetic of base/yuv.h.
#pragma once

#include <immintrin.h>

#include "base/yuv.h"

namespace saker {
namespace {

constexpr int kYuvPixels = 32;  // a step; of samples in 16 bits, `low` has pixels 0-7 and 16-23, `high` the others

struct YuvLuma {
  __m256i low, high;
};
struct YuvChroma {
  __m256i u, v;  // 16 samples in their order
};

inline __m256i load_bytes(const std::uint8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
inline __m256i widen_bytes(const std::uint8_t* at) {
  return _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))), 8);
}
inline __m256i raise_samples(__m256i samples, __m128i raise) {
  return _mm256_and_si256(_mm256_sll_epi16(samples, raise), _mm256_set1_epi16(static_cast<short>(0xFFC0)));
}

template <int kBytes>
inline YuvLuma load_luma(const std::uint8_t* at, __m128i raise) {
  if constexpr (kBytes == 1) {
    const __m256i bytes = load_bytes(at), zero = _mm256_setzero_si256();
    return {_mm256_unpacklo_epi8(zero, bytes), _mm256_unpackhi_epi8(zero, bytes)};
  }
  const __m256i first = raise_samples(load_bytes(at), raise), second = raise_samples(load_bytes(at + 32), raise);
  return {_mm256_permute2x128_si256(first, second, 0x20), _mm256_permute2x128_si256(first, second, 0x31)};
}

template <int kBytes, int kStep>
inline YuvChroma load_chroma(const std::uint8_t* blue, const std::uint8_t* red, __m128i raise) {
  if constexpr (kBytes == 1 && kStep == 1) return {widen_bytes(blue), widen_bytes(red)};
  if constexpr (kBytes == 1 && kStep == 2) {
    const __m256i pairs = load_bytes(blue);
    return {_mm256_slli_epi16(pairs, 8), _mm256_and_si256(pairs, _mm256_set1_epi16(static_cast<short>(0xFF00)))};
  }
  if constexpr (kBytes == 2 && kStep == 1)
    return {raise_samples(load_bytes(blue), raise), raise_samples(load_bytes(red), raise)};
  const __m256i first = raise_samples(load_bytes(blue), raise), second = raise_samples(load_bytes(blue + 32), raise);
  const __m256i low_half = _mm256_set1_epi32(0xFFFF);
  const __m256i u = _mm256_packus_epi32(_mm256_and_si256(first, low_half), _mm256_and_si256(second, low_half));
  const __m256i v = _mm256_packus_epi32(_mm256_srli_epi32(first, 16), _mm256_srli_epi32(second, 16));
  return {_mm256_permute4x64_epi64(u, _MM_SHUFFLE(3, 1, 2, 0)), _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0))};
}

// 32 bytes of one colour, in order. `luma` has the 32 of the rounding added.
inline __m256i add_terms(const YuvLuma& luma, __m256i chroma) {
  const __m256i low = _mm256_adds_epi16(luma.low, _mm256_unpacklo_epi16(chroma, chroma));
  const __m256i high = _mm256_adds_epi16(luma.high, _mm256_unpackhi_epi16(chroma, chroma));
  return _mm256_packus_epi16(_mm256_srai_epi16(low, 6), _mm256_srai_epi16(high, 6));
}

// Four bytes more are written than 32 pixels have.
inline void store_rgb(__m256i red, __m256i green, __m256i blue, std::uint8_t* rgb) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i red_green[2] = {_mm256_unpacklo_epi8(red, green), _mm256_unpackhi_epi8(red, green)};
  const __m256i blue_zero[2] = {_mm256_unpacklo_epi8(blue, zero), _mm256_unpackhi_epi8(blue, zero)};
  const __m256i squeeze =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
  __m256i four[4];  // pixels 0-3 and 16-19, ...
  for (int i = 0; i < 2; ++i) {
    four[2 * i] = _mm256_shuffle_epi8(_mm256_unpacklo_epi16(red_green[i], blue_zero[i]), squeeze);
    four[2 * i + 1] = _mm256_shuffle_epi8(_mm256_unpackhi_epi16(red_green[i], blue_zero[i]), squeeze);
  }
  for (int i = 0; i < 4; ++i)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rgb + 12 * i), _mm256_castsi256_si128(four[i]));
  for (int i = 0; i < 4; ++i)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rgb + 48 + 12 * i), _mm256_extracti128_si256(four[i], 1));
}

template <int kBytes, int kStep>
inline void convert_step(const YuvPlanes& planes, int row, int x, std::uint8_t* rgb) {
  const YuvMatrix& m = planes.matrix;
  const __m128i raise = _mm_cvtsi32_si128(planes.raise);
  const auto times = [](__m256i a, std::int16_t k) { return _mm256_mulhrs_epi16(a, _mm256_set1_epi16(k)); };
  const auto luma_term = [&](__m256i y) {
    const __m256i above = _mm256_sub_epi16(_mm256_srli_epi16(y, 1), _mm256_set1_epi16(m.black));
    return _mm256_add_epi16(times(above, m.luma), _mm256_set1_epi16(32));
  };
  YuvLuma luma = load_luma<kBytes>(planes.data[0] + row * planes.stride[0] + std::ptrdiff_t{x} * kBytes, raise);
  luma = {luma_term(luma.low), luma_term(luma.high)};
  const std::ptrdiff_t at = std::ptrdiff_t{x / 2} * kStep * kBytes;
  const YuvChroma chroma = load_chroma<kBytes, kStep>(planes.data[1] + row / 2 * planes.stride[1] + at,
                                                      planes.data[2] + row / 2 * planes.stride[2] + at, raise);
  const __m256i sign = _mm256_set1_epi16(static_cast<short>(0x8000));
  const __m256i u = _mm256_xor_si256(chroma.u, sign), v = _mm256_xor_si256(chroma.v, sign);
  store_rgb(add_terms(luma, times(v, m.red_v)),
            add_terms(luma, _mm256_add_epi16(times(u, m.green_u), times(v, m.green_v))),
            add_terms(luma, times(u, m.blue_u)), rgb + 3 * x);
}

template <int kBytes, int kStep>
inline void convert_steps(const YuvPlanes& given, int row, int end, std::uint8_t* rgb) {
  const YuvPlanes planes = given;  // what bytes written to `rgb` may alias would be loaded again in every step
  int x = 0;
  for (; x + kYuvPixels <= end; x += kYuvPixels) convert_step<kBytes, kStep>(planes, row, x, rgb);
  if (x < end) convert_step<kBytes, kStep>(planes, row, end - kYuvPixels, rgb);  // some pixels twice
}

// How many pixels of a row it has converted. An even number, so that the last step begins with a block.
inline int whole_yuv(const YuvPlanes& planes, int row, std::uint8_t* rgb) {
  if (planes.width < kYuvPixels) return 0;
  const int end = planes.width / 2 * 2;
  const bool pairs = planes.chroma_step == 2;
  if (planes.sample_bytes == 1) {
    (pairs ? convert_steps<1, 2> : convert_steps<1, 1>)(planes, row, end, rgb);
  } else {
    (pairs ? convert_steps<2, 2> : convert_steps<2, 1>)(planes, row, end, rgb);
  }
  return end;
}

}  // namespace
}  // namespace saker
