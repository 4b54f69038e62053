// Packing for the depthwise convolution of triples.
#include "kernels/depthwise_int8/triples.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace saker {

std::vector<std::int64_t> depthwise_triples_order(const DepthwiseTriplesKernel& kernel, std::int64_t channels) {
  const std::int64_t lanes = kernel.width / 4, of_pixel = channels / kTriplesLane;
  const std::int64_t blocks = of_pixel / std::gcd(of_pixel, lanes);
  std::vector<std::int64_t> order;
  for (std::int64_t block = 0; block < blocks; ++block) {
    for (std::int64_t vector = 0; vector < 4; ++vector) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const std::int64_t first = (block * lanes + lane) % of_pixel * kTriplesLane + 4 * vector;
        for (std::int64_t k = 0; k < 4; ++k) order.push_back(first + k);
      }
    }
  }
  return order;
}

std::int64_t depthwise_triples_weights(const ConvShape& s, std::int64_t order_size) {
  return order_size * s.kernel_h * triples_of_row(s);
}

void depthwise_triples_pack_weights(const DepthwiseTriplesKernel& kernel, const ConvShape& s,
                                    const std::vector<std::int64_t>& order, const std::int8_t* weights, float* packed) {
  auto* to = reinterpret_cast<std::int8_t*>(packed);
  const std::size_t block = 4 * static_cast<std::size_t>(kernel.width);
  for (std::size_t first = 0; first < order.size(); first += block) {
    for (std::int64_t r = 0; r < s.kernel_h; ++r) {
      for (std::int64_t triple = 0; triple < triples_of_row(s); ++triple) {
        for (std::size_t i = first; i < first + block; ++i, to += 4) {
          const std::int8_t* row = weights + (order[i] * s.kernel_h + r) * s.kernel_w;
          for (std::int64_t k = 0; k < 4; ++k)
            to[k] = k < 3 && 3 * triple + k < s.kernel_w ? row[3 * triple + k] : std::int8_t{0};
        }
      }
    }
  }
}

void depthwise_triples_pack_starts(const ConvShape& s, const std::vector<std::int64_t>& order,
                                   const std::int8_t* weights, const std::uint8_t* zero_points, float* packed) {
  std::fill_n(packed, conv_int8_start_sets(s.kernel_h) * static_cast<std::int64_t>(order.size()), 0.0F);
  auto* starts = reinterpret_cast<std::int32_t*>(packed);
  for (std::size_t i = 0; i < order.size(); ++i)
    depthwise_int8_set_starts(s, order[i], weights, zero_points, static_cast<std::int64_t>(order.size()), starts + i);
}

}  // namespace saker
