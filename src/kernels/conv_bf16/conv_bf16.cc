// Panels, packing, the measured rate and the reference.
#include "kernels/conv_bf16/conv_bf16.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/half.h"

namespace saker {

double measure_bf16_rate(const ConvBf16Kernel& kernel) {
  constexpr int kRepeats = 20;           // the first ones until the CPU has raised its clock for 512 bits
  constexpr std::int64_t kRounds = 300;  // 0.7 us of float32 at 3.5 GHz
  const auto best_of = [](auto multiply, double& best) {
    const Stopwatch watch;
    multiply(kRounds);
    best = std::min(best, watch.ms());
  };
  double bf16 = 1e9, f32 = 1e9;
  for (int i = 0; i < kRepeats; ++i) {
    best_of(kernel.multiply_bf16, bf16);
    best_of(kernel.multiply_f32, f32);
  }
  const double rate = 2 * f32 / bf16;  // an instruction makes two products a lane
  return std::exp2(std::clamp(std::round(std::log2(rate)), -4.0, 2.0));
}

InputRows conv_bf16_input_rows(const ConvShape& s, std::int64_t begin, std::int64_t end) {
  const std::int64_t first = begin * s.stride_h - s.pad_top;
  const std::int64_t last = (end - 1) * s.stride_h - s.pad_top + (s.kernel_h - 1) * s.dilation_h + 1;
  return {std::clamp<std::int64_t>(first, 0, s.in_h), std::clamp<std::int64_t>(last, 0, s.in_h)};
}

// p + n numbers.
template <typename Float>
static Float* moved(Float* p, std::int64_t n, bool bf16) {
  if (!bf16) return p + n;
  using Stored = std::conditional_t<std::is_const_v<Float>, const BFloat16, BFloat16>;
  return reinterpret_cast<Float*>(reinterpret_cast<Stored*>(p) + n);
}

ConvBf16Args conv_bf16_panel_args(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                                  const float* panel) {
  const InputRows rows = conv_bf16_input_rows(args.shape, begin, end);
  const auto start = [&](const ImageStrides& at) { return n * at.n_step + begin * at.y_step; };
  ConvBf16Args own = args;
  ConvShape& s = own.shape;
  s.batch = 1;
  s.in_h = rows.last - rows.first;
  s.in_w = conv_bf16_panel_width(args.shape);
  s.in_c = conv_bf16_pairs(args.shape.in_c);
  s.out_h = end - begin;
  s.pad_top = args.shape.pad_top - begin * s.stride_h + rows.first;
  s.pad_left = 0;
  own.src = panel;
  own.src_at = {0, s.in_w * s.in_c, s.in_c};
  own.dst = moved(args.dst, start(args.dst_at), args.dst_bf16);
  if (args.coarse.data != nullptr) {
    own.coarse.data = moved(args.coarse.data, n * args.coarse.at.n_step, args.dst_bf16);
    own.coarse.first += begin * s.out_w;
  }
  if (args.residual != nullptr) own.residual = moved(args.residual, start(args.residual_at), args.dst_bf16);
  return own;
}

std::int64_t conv_bf16_packed_weights(const ConvKernel& multiply, const ConvShape& s) {
  return conv_packed_weights(multiply, s.out_c, s.taps(), conv_bf16_pairs(s.in_c));
}

void conv_bf16_pack_weights(const ConvKernel& multiply, const ConvShape& s, const float* weights, float* packed) {
  const std::int64_t pairs = conv_bf16_pairs(s.in_c), taps = s.taps();
  std::vector<float> paired(static_cast<std::size_t>(s.out_c * pairs * taps));
  float* to = paired.data();
  for (std::int64_t o = 0; o < s.out_c; ++o, weights += s.in_c * taps) {
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const float* even = weights + 2 * pair * taps;
      const bool whole = 2 * pair + 1 < s.in_c;
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::uint32_t low = float_to_bfloat16(even[tap]);
        const std::uint32_t high = whole ? float_to_bfloat16(even[taps + tap]) : 0U;
        *to++ = std::bit_cast<float>(high << 16 | low);
      }
    }
  }
  conv_pack_weights(multiply, s.out_c, taps, pairs, paired.data(), {pairs * taps, 1, taps}, packed);
}

static float rounded(float value) {
  return bfloat16_to_float(float_to_bfloat16(value));
}

void conv_bf16_reference(const ConvArgs& args, const float* weights, const float* bias) {
  const ConvShape& s = args.shape;
  std::vector<float> pixels;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t y = 0; y < s.in_h; ++y) {
      for (std::int64_t x = 0; x < s.in_w; ++x) {
        const float* pixel = args.src + n * args.src_at.n_step + y * args.src_at.y_step + x * args.src_at.x_step;
        for (std::int64_t c = 0; c < s.in_c; ++c) pixels.push_back(rounded(pixel[c]));
      }
    }
  }
  std::vector<float> filters(weights, weights + s.out_c * s.in_c * s.taps());
  for (float& weight : filters) weight = rounded(weight);
  ConvArgs own = args;
  own.src = pixels.data();
  own.src_at = {s.in_h * s.in_w * s.in_c, s.in_w * s.in_c, s.in_c};
  conv_reference(own, filters.data(), bias);
}

}  // namespace saker
