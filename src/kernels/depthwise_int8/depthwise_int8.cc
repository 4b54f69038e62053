// Packing and the reference.
#include "kernels/depthwise_int8/depthwise_int8.h"

#include <algorithm>

#include "kernels/conv_int8/finish_reference.h"

namespace saker {

std::int64_t depthwise_int8_packed_channels(const DepthwiseInt8Kernel& kernel, std::int64_t channels) {
  return (channels + kernel.width - 1) / kernel.width * kernel.width;
}

void depthwise_int8_pack_weights(const DepthwiseInt8Kernel& kernel, const ConvShape& s, const std::int8_t* weights,
                                 float* packed) {
  const std::int64_t padded = depthwise_int8_packed_channels(kernel, s.out_c);
  std::fill_n(packed, s.taps() * padded, 0.0F);
  auto* to = reinterpret_cast<std::int32_t*>(packed);
  for (std::int64_t o = 0; o < s.out_c; ++o) {
    for (std::int64_t t = 0; t < s.taps(); ++t) to[t * padded + o] = weights[o * s.taps() + t];
  }
}

void depthwise_int8_pack_starts(const DepthwiseInt8Kernel& kernel, const ConvShape& s, const std::int8_t* weights,
                                const std::uint8_t* zero_points, float* packed) {
  const std::int64_t padded = depthwise_int8_packed_channels(kernel, s.out_c);
  std::fill_n(packed, conv_int8_start_sets(s.kernel_h) * padded, 0.0F);
  auto* starts = reinterpret_cast<std::int32_t*>(packed);
  for (std::int64_t o = 0; o < s.out_c; ++o) depthwise_int8_set_starts(s, o, weights, zero_points, padded, starts + o);
}

void depthwise_int8_set_starts(const ConvShape& s, std::int64_t channel, const std::int8_t* weights,
                               const std::uint8_t* zero_points, std::int64_t step, std::int32_t* starts) {
  std::vector<std::int32_t> row_sums(static_cast<std::size_t>(s.kernel_h), 0);
  for (std::int64_t t = 0; t < s.taps(); ++t)
    row_sums[static_cast<std::size_t>(t / s.kernel_w)] +=
        static_cast<std::int32_t>(zero_points[channel]) * weights[channel * s.taps() + t];
  conv_int8_set_starts(row_sums, step, starts);
}

void depthwise_int8_reference(const ConvInt8Args& args, const Int8Reference& reference) {
  const ConvShape& s = args.shape;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t y = 0; y < s.out_h; ++y) {
      for (std::int64_t x = 0; x < s.out_w; ++x) {
        for (std::int64_t o = 0; o < s.out_c; ++o) {
          std::int32_t sum = 0;
          for (std::int64_t t = 0; t < s.taps(); ++t) {
            const std::int64_t in_y = y * s.stride_h - s.pad_top + t / s.kernel_w * s.dilation_h;
            const std::int64_t in_x = x * s.stride_w - s.pad_left + t % s.kernel_w * s.dilation_w;
            if (in_y < 0 || in_y >= s.in_h || in_x < 0 || in_x >= s.in_w) continue;
            const std::uint8_t value =
                reference.src[n * args.src_at.n_step + in_y * args.src_at.y_step + in_x * args.src_at.x_step + o];
            sum += (value - reference.zero_points[o]) * reference.weights[o * s.taps() + t];
          }
          finish_reference(args, sum, n, y, x, o);
        }
      }
    }
  }
}

}  // namespace saker
