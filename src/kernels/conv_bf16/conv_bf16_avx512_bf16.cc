#include "kernels/simd/stored_avx512_bf16.h"

namespace saker {
namespace {

// A float of x and weight is a pair of bfloat16.
inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return {_mm512_dpbf16_ps(sum.v, (__m512bh)x.v, (__m512bh)weight.v)};
}

}  // namespace
}  // namespace saker

// (what becomes of a tile, over both)
#include "kernels/conv_bf16/finish_bf16.inl"
// (the body, over all)
#include "kernels/conv/conv.inl"

namespace saker {
namespace {

inline Vec load_up_to(const float* p, std::int64_t n) {
  return n >= Vec::kWidth ? Vec::load(p) : Vec::load_n(p, n > 0 ? static_cast<int>(n) : 0);
}

// The channels of a pixel, or of neighbours without gaps; a zero behind an odd number.
inline void pack_run(const float* src, std::int64_t n, float* pairs) {
  constexpr int kStep = 2 * Vec::kWidth;
  for (; n >= kStep; n -= kStep, src += kStep, pairs += Vec::kWidth) {
    const __m512bh both = _mm512_cvtne2ps_pbh(Vec::load(src + Vec::kWidth).v, Vec::load(src).v);
    Vec{(__m512)both}.store(pairs);
  }
  if (n == 0) return;
  const __m512bh both = _mm512_cvtne2ps_pbh(load_up_to(src + Vec::kWidth, n - Vec::kWidth).v, load_up_to(src, n).v);
  Vec{(__m512)both}.store_n(pairs, static_cast<int>(n + 1) / 2);
}

inline void pack_run(const BFloat16* src, std::int64_t n, float* pairs) {
  constexpr std::int64_t kStep = 2 * Vec::kWidth;
  for (; n > 0; n -= kStep, src += kStep, pairs += Vec::kWidth) {
    const std::uint64_t some = (std::uint64_t{1} << (n < kStep ? n : kStep)) - 1;
    const __m512i both = _mm512_maskz_loadu_epi16(static_cast<__mmask32>(some), src);
    Vec{_mm512_castsi512_ps(both)}.store_n(pairs, static_cast<int>(n < kStep ? (n + 1) / 2 : Vec::kWidth));
  }
}

inline void clear(float* p, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) p[i] = 0;
}

template <typename Stored>
void pack_stored_rows(const ConvArgs& args, std::int64_t n, std::int64_t first, std::int64_t last, float* panel) {
  const ConvShape& s = args.shape;
  const std::int64_t pairs = conv_bf16_pairs(s.in_c), width = conv_bf16_panel_width(s);
  const std::int64_t left = s.pad_left < width ? s.pad_left : width;
  const std::int64_t columns = s.in_w < width - left ? s.in_w : width - left;
  const bool gapless = args.src_at.x_step == s.in_c && s.in_c % 2 == 0;
  const auto* src = reinterpret_cast<const Stored*>(args.src);
  const Stored* row = src + n * args.src_at.n_step + first * args.src_at.y_step;
  for (std::int64_t y = first; y < last; ++y, row += args.src_at.y_step, panel += width * pairs) {
    clear(panel, left * pairs);
    float* to = panel + left * pairs;
    if (gapless) {
      pack_run(row, columns * s.in_c, to);
    } else {
      for (std::int64_t x = 0; x < columns; ++x) pack_run(row + x * args.src_at.x_step, s.in_c, to + x * pairs);
    }
    clear(to + columns * pairs, (width - left - columns) * pairs);
  }
}

void pack_rows(const ConvBf16Args& args, std::int64_t n, std::int64_t first, std::int64_t last, float* panel) {
  args.src_bf16 ? pack_stored_rows<BFloat16>(args, n, first, last, panel)
                : pack_stored_rows<float>(args, n, first, last, panel);
}

template <typename Multiply>
inline float multiply_rounds(std::int64_t count, Multiply multiply) {
  constexpr int kChains = 16;
  Vec x = Vec::broadcast(1), sums[kChains];
#pragma GCC unroll 16
  for (int i = 0; i < kChains; ++i) {
    sums[i] = Vec::broadcast(1);
    asm("" : "+v"(sums[i].v));  // else the compiler knows that all are equal
  }
  for (std::int64_t k = 0; k < count; ++k) {
    asm("" : "+v"(x.v));
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = multiply(x, x, sums[i]);
  }
  Vec total = sums[0];
#pragma GCC unroll 16
  for (int i = 1; i < kChains; ++i) total = total + sums[i];
  return sum(total);
}

float multiply_bf16(std::int64_t count) {
  return multiply_rounds(count, [](Vec x, Vec w, Vec s) { return multiply_add(x, w, s); });
}
float multiply_f32(std::int64_t count) {
  return multiply_rounds(count, [](Vec x, Vec w, Vec s) { return fma(x, w, s); });
}

}  // namespace

extern const ConvBf16Kernel kConvBf16Avx512;
const ConvBf16Kernel kConvBf16Avx512 = {pack_rows,
                                        conv_kernel({"conv_bf16_direct", {Isa::kAvx512, Isa::kBf16}}, nullptr),
                                        run_conv<ConvBf16Args>, multiply_bf16, multiply_f32};

}  // namespace saker
