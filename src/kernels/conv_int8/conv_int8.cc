// Packing and the reference.
#include "kernels/conv_int8/conv_int8.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/conv_int8/finish_reference.h"

namespace saker {

std::int64_t conv_int8_packed_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps,
                                      std::int64_t in_c) {
  return conv_packed_weights(kernel, out_c, taps, int8_quads(in_c));
}

std::vector<float> conv_int8_quads(std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                                   const std::int8_t* weights) {
  const std::int64_t quads = int8_quads(in_c);
  std::vector<float> filters(static_cast<std::size_t>(out_c * taps * quads));
  auto* bytes = reinterpret_cast<std::int8_t*>(filters.data());
  for (std::int64_t o = 0; o < out_c; ++o) {
    for (std::int64_t c = 0; c < in_c; ++c) {
      for (std::int64_t t = 0; t < taps; ++t)
        bytes[(o * taps + t) * quads * kInt8Quad + c] = weights[(o * in_c + c) * taps + t];
    }
  }
  return filters;
}

void conv_int8_pack_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                            const std::int8_t* weights, float* packed) {
  const std::int64_t quads = int8_quads(in_c);
  const std::vector<float> filters = conv_int8_quads(out_c, taps, in_c, weights);
  conv_pack_weights(kernel, out_c, taps, quads, filters.data(), {taps * quads, quads, 1}, packed);
}

std::int64_t conv_int8_start_sets(std::int64_t kernel_h) {
  return (kernel_h + 1) * (kernel_h + 1);
}

void conv_int8_set_starts(const std::vector<std::int32_t>& row_sums, std::int64_t step, std::int32_t* starts) {
  const auto kernel_h = static_cast<std::int64_t>(row_sums.size());
  for (std::int64_t first = 0; first <= kernel_h; ++first) {
    std::int32_t sum = 0;
    for (std::int64_t last = first; last <= kernel_h; ++last) {
      starts[conv_int8_start_set(kernel_h, first, last) * step] = sum;
      if (last < kernel_h) sum -= row_sums[static_cast<std::size_t>(last)];
    }
  }
}

void conv_int8_pack_starts(const ConvKernel& kernel, const ConvShape& s, const std::int8_t* weights,
                           const std::uint8_t* zero_points, float* packed) {
  const std::int64_t padded = conv_packed_bias(kernel, s.out_c);
  std::fill(packed, packed + conv_int8_start_sets(s.kernel_h) * padded, 0.0F);
  auto* starts = reinterpret_cast<std::int32_t*>(packed);
  std::vector<std::int32_t> row_sums(static_cast<std::size_t>(s.kernel_h));
  for (std::int64_t o = 0; o < s.out_c; ++o) {
    for (std::int64_t r = 0; r < s.kernel_h; ++r) {
      std::int32_t sum = 0;
      for (std::int64_t c = 0; c < s.in_c; ++c) {
        const std::int8_t* row = weights + ((o * s.in_c + c) * s.kernel_h + r) * s.kernel_w;
        for (std::int64_t q = 0; q < s.kernel_w; ++q) sum += static_cast<std::int32_t>(zero_points[c]) * row[q];
      }
      row_sums[static_cast<std::size_t>(r)] = sum;
    }
    conv_int8_set_starts(row_sums, padded, starts + o);
  }
}

namespace {

std::int32_t sum_at(const ConvInt8Args& args, const Int8Reference& reference, std::int64_t n, std::int64_t y,
                    std::int64_t x, std::int64_t o) {
  const ConvShape& s = args.shape;
  std::int32_t sum = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < s.kernel_w; ++q) {
      const std::int64_t in_y = y * s.stride_h - s.pad_top + r * s.dilation_h;
      const std::int64_t in_x = x * s.stride_w - s.pad_left + q * s.dilation_w;
      if (in_y < 0 || in_y >= s.in_h || in_x < 0 || in_x >= s.in_w) continue;
      const std::uint8_t* pixel =
          reference.src + n * args.src_at.n_step + in_y * args.src_at.y_step + in_x * args.src_at.x_step;
      for (std::int64_t c = 0; c < s.in_c; ++c) {
        sum += (pixel[c] - reference.zero_points[c]) *
               reference.weights[((o * s.in_c + c) * s.kernel_h + r) * s.kernel_w + q];
      }
    }
  }
  return sum;
}

}  // namespace

void conv_int8_reference(const ConvInt8Args& args, const Int8Reference& reference) {
  const ConvShape& s = args.shape;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t y = 0; y < s.out_h; ++y) {
      for (std::int64_t x = 0; x < s.out_w; ++x) {
        for (std::int64_t o = 0; o < s.out_c; ++o)
          finish_reference(args, sum_at(args, reference, n, y, x, o), n, y, x, o);
      }
    }
  }
}

}  // namespace saker
