// Packing and the reference.
#include "kernels/conv/conv.h"

#include <algorithm>

#include "kernels/elementwise/activation_reference.h"

namespace saker {

std::int64_t conv_packed_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c) {
  return ConvBlocks(kernel, out_c).vectors * kernel.width * taps * in_c;
}

std::int64_t conv_packed_bias(const ConvKernel& kernel, std::int64_t out_c) {
  return ConvBlocks(kernel, out_c).vectors * kernel.width;
}

namespace {

// The weights of a filter in the order that offsets(f) calls f(offset) with; o_step between filters.
template <typename Offsets>
void pack_filters(const ConvKernel& kernel, std::int64_t out_c, const float* weights, std::int64_t o_step,
                  Offsets&& offsets, float* packed) {
  const ConvBlocks blocks(kernel, out_c);
  for (std::int64_t b = 0; b < blocks.blocks; ++b) {
    const std::int64_t first = blocks.first_vector(b) * kernel.width;
    const std::int64_t lanes = blocks.first_vector(b + 1) * kernel.width - first;
    const std::int64_t real = std::min(lanes, out_c - first);
    offsets([&](std::int64_t offset) {
      const float* from = weights + first * o_step + offset;
      for (std::int64_t o = 0; o < real; ++o) packed[o] = from[o * o_step];
      std::fill(packed + real, packed + lanes, 0.0F);
      packed += lanes;
    });
  }
}

}  // namespace

void conv_pack_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                       const float* weights, WeightStrides at, float* packed) {
  const auto offsets = [&](auto&& f) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      for (std::int64_t c = 0; c < in_c; ++c) f(tap * at.tap_step + c * at.c_step);
    }
  };
  pack_filters(kernel, out_c, weights, at.o_step, offsets, packed);
}

void conv_pack_planar(const ConvKernel& kernel, const ConvShape& s, const float* weights, float* packed) {
  const auto offsets = [&](auto&& f) {
    for (std::int64_t r = 0; r < s.kernel_h; ++r) {
      for (std::int64_t c = 0; c < s.in_c; ++c) {
        for (std::int64_t q = 0; q < s.kernel_w; ++q) f((c * s.kernel_h + r) * s.kernel_w + q);
      }
    }
  };
  pack_filters(kernel, s.out_c, weights, s.in_c * s.taps(), offsets, packed);
}

void conv_pack_bias(const ConvKernel& kernel, std::int64_t out_c, const float* bias, float* packed) {
  const std::int64_t size = conv_packed_bias(kernel, out_c);
  std::fill(packed, packed + size, 0.0F);
  if (bias != nullptr) std::copy(bias, bias + out_c, packed);
}

namespace {

float conv_at(const ConvArgs& args, const float* weights, std::int64_t n, std::int64_t y, std::int64_t x,
              std::int64_t o) {
  const ConvShape& s = args.shape;
  double sum = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < s.kernel_w; ++q) {
      const std::int64_t in_y = y * s.stride_h - s.pad_top + r * s.dilation_h;
      const std::int64_t in_x = x * s.stride_w - s.pad_left + q * s.dilation_w;
      if (in_y < 0 || in_y >= s.in_h || in_x < 0 || in_x >= s.in_w) continue;
      const float* pixel = args.src + n * args.src_at.n_step + in_y * args.src_at.y_step + in_x * args.src_at.x_step;
      for (std::int64_t c = 0; c < s.in_c; ++c) {
        sum += static_cast<double>(pixel[c * args.src_c_step]) *
               static_cast<double>(weights[((o * s.in_c + c) * s.kernel_h + r) * s.kernel_w + q]);
      }
    }
  }
  return static_cast<float>(sum);
}

}  // namespace

void conv_reference(const ConvArgs& args, const float* weights, const float* bias) {
  const ConvShape& s = args.shape;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t y = 0; y < s.out_h; ++y) {
      for (std::int64_t x = 0; x < s.out_w; ++x) {
        float* to = args.dst + n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step;
        const float* residual =
            args.residual + n * args.residual_at.n_step + y * args.residual_at.y_step + x * args.residual_at.x_step;
        const CoarsePicture& coarse = args.coarse;
        const float* quarter = coarse.data + n * coarse.at.n_step + y / 2 * coarse.at.y_step + x / 2 * coarse.at.x_step;
        for (std::int64_t o = 0; o < s.out_c; ++o) {
          const float linear = conv_at(args, weights, n, y, x, o) + (bias != nullptr ? bias[o] : 0.0F) +
                               (coarse.data != nullptr ? quarter[o] : 0.0F);
          to[o] = activation_reference(args.activation, linear) + (args.residual != nullptr ? residual[o] : 0.0F);
        }
      }
    }
  }
}

}  // namespace saker
