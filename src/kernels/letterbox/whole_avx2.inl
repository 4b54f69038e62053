// The vector parts of the letterbox with AVX2, for its level and the one above.
#pragma once

#include <immintrin.h>

#include "kernels/letterbox/letterbox.h"

namespace saker {
namespace {

inline __m256i load_pair(const std::uint8_t* low, const std::uint8_t* high) {
  const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(low));
  const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(high));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
}

// Two pixels, one a half: left and right bytes side by side as 16 bits, then left * weight + right * weight.
inline __m256i blend_pair(__m256i bytes, __m256i weights) {
  const __m256i spread =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
  return _mm256_srai_epi32(_mm256_madd_epi16(_mm256_shuffle_epi8(bytes, spread), weights), 4);
}

static_assert(sizeof(LetterboxColumn) == 8);  // four of them are loaded at once

// As whole_columns, of columns with a step: four pixels at a time in their order.
template <int kStep>
inline std::int64_t stepped_columns(const LetterboxArgs& args, std::int64_t count, const std::uint8_t* src,
                                    std::int16_t* out) {
  // Of two pixels in 16 bytes: left and right bytes side by side.
  constexpr char k = 3 * kStep, n = -1;
  const __m256i spread =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 3, 1, 4, 2, 5, n, n, k, k + 3, k + 1, k + 4, k + 2, k + 5, n, n));
  const LetterboxColumn first = args.columns[0];
  // Half of weights / 16, which are up to 128 and so no bytes with a sign.
  const __m256i weights =
      _mm256_set1_epi16(static_cast<std::int16_t>(first.left_weight / 32 | first.right_weight / 32 << 8));
  const std::uint8_t* from = src + first.left;
  for (std::int64_t x = 0; x < count; x += 4, from += 4 * k) {
    const __m256i bytes = _mm256_shuffle_epi8(load_pair(from, from + 2 * k), spread);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 4 * x),
                        _mm256_slli_epi16(_mm256_maddubs_epi16(bytes, weights), 1));
  }
  return count;
}

// Four pixels a step: the first with the third, the second with the fourth, as packs_epi32 takes them.
inline std::int64_t whole_columns(const LetterboxArgs& args, const std::uint8_t* src, std::int16_t* out) {
  std::int64_t count = args.width / 4 * 4;
  while (count > 0 && args.columns[count - 1].left + 16 > args.src_bytes) count -= 4;
  if (args.column_step == 1) return stepped_columns<1>(args, count, src, out);
  if (args.column_step == 2) return stepped_columns<2>(args, count, src, out);
  if (args.column_step == 3) return stepped_columns<3>(args, count, src, out);
  for (std::int64_t x = 0; x < count; x += 4) {
    const LetterboxColumn* column = args.columns + x;
    const __m256i columns = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(column));  // left, weights, left, ...
    const __m256i even = blend_pair(load_pair(src + column[0].left, src + column[2].left),
                                    _mm256_shuffle_epi32(columns, _MM_SHUFFLE(1, 1, 1, 1)));
    const __m256i odd = blend_pair(load_pair(src + column[1].left, src + column[3].left),
                                   _mm256_shuffle_epi32(columns, _MM_SHUFFLE(3, 3, 3, 3)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 4 * x), _mm256_packs_epi32(even, odd));
  }
  return count;
}

inline __m256i blend_four(const std::int16_t* top, const std::int16_t* bottom, __m256i top_weight,
                          __m256i bottom_weight) {
  const __m256i upper = _mm256_mulhi_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(top)), top_weight);
  const __m256i lower = _mm256_mulhi_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bottom)), bottom_weight);
  return _mm256_srai_epi16(_mm256_add_epi16(_mm256_add_epi16(upper, lower), _mm256_set1_epi16(2)), 2);
}

// Each stores what becomes of eight pixels of 32 bits, whose highest byte is 0.
template <typename Values>
struct Planes {
  static void store(const LetterboxArgs& args, __m256i pixels, std::int64_t at) {
    const __m256i byte = _mm256_set1_epi32(255);
    const __m256i channel[3] = {_mm256_and_si256(pixels, byte), _mm256_and_si256(_mm256_srli_epi32(pixels, 8), byte),
                                _mm256_srli_epi32(pixels, 16)};
    for (int c = 0; c < 3; ++c) _mm256_storeu_ps(args.dst[c] + at, Values::of(args, c, channel[c]));
  }
};
struct LookedUp {
  static __m256 of(const LetterboxArgs& args, int c, __m256i bytes) {
    return _mm256_i32gather_ps(args.table[c], bytes, 4);
  }
};
struct Scaled {
  static __m256 of(const LetterboxArgs& args, int c, __m256i bytes) {
    const __m256 pixels = _mm256_cvtepi32_ps(bytes);
    return _mm256_fmadd_ps(pixels, _mm256_set1_ps(args.scale[c].high),
                           _mm256_mul_ps(pixels, _mm256_set1_ps(args.scale[c].low)));
  }
};

struct Quads {
  static void store(const LetterboxArgs& args, __m256i pixels, std::int64_t at) {
    const __m256i byte = _mm256_set1_epi32(255);
    const auto part = [&](int c, __m256i bytes) {
      return _mm256_i32gather_epi32(reinterpret_cast<const int*>(args.quad_table[c]), bytes, 4);
    };
    const __m256i low = _mm256_add_epi32(part(0, _mm256_and_si256(pixels, byte)),
                                         part(1, _mm256_and_si256(_mm256_srli_epi32(pixels, 8), byte)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(args.quads + at),
                        _mm256_add_epi32(low, part(2, _mm256_srli_epi32(pixels, 16))));
  }
};
template <bool kReversed>
struct OwnQuads {
  static void store(const LetterboxArgs& args, __m256i pixels, std::int64_t at) {
    const __m256i reversed =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(args.quads + at),
                        kReversed ? _mm256_shuffle_epi8(pixels, reversed) : pixels);
  }
};

// Eight pixels a step.
template <typename Way>
inline std::int64_t eight_pixels(const LetterboxArgs& args, const LetterboxRow& row, const std::int16_t* top,
                                 const std::int16_t* bottom, std::int64_t dst_offset) {
  const __m256i top_weight = _mm256_set1_epi16(row.top_weight), bottom_weight = _mm256_set1_epi16(row.bottom_weight);
  const std::int64_t count = args.width / 8 * 8;
  for (std::int64_t x = 0; x < count; x += 8) {
    const __m256i low = blend_four(top + 4 * x, bottom + 4 * x, top_weight, bottom_weight);
    const __m256i high = blend_four(top + 4 * x + 16, bottom + 4 * x + 16, top_weight, bottom_weight);
    const __m256i pixels = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), _MM_SHUFFLE(3, 1, 2, 0));
    Way::store(args, pixels, dst_offset + x);
  }
  return count;
}

inline std::int64_t whole_pixels(const LetterboxArgs& args, const LetterboxRow& row, const std::int16_t* top,
                                 const std::int16_t* bottom, std::int64_t dst_offset) {
  switch (args.to) {
    case LetterboxTo::kQuads:
      return eight_pixels<Quads>(args, row, top, bottom, dst_offset);
    case LetterboxTo::kSameQuads:
      return eight_pixels<OwnQuads<false>>(args, row, top, bottom, dst_offset);
    case LetterboxTo::kReversedQuads:
      return eight_pixels<OwnQuads<true>>(args, row, top, bottom, dst_offset);
    case LetterboxTo::kPlanes:
      break;
  }
  return (args.scaled ? eight_pixels<Planes<Scaled>> : eight_pixels<Planes<LookedUp>>)(args, row, top, bottom,
                                                                                       dst_offset);
}

}  // namespace
}  // namespace saker
