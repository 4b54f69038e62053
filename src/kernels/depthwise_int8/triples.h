// Depthwise convolution of 8-bit numbers, three taps of a kernel's row at a time, for CPUs with a dot product of four
// bytes. Of 16 neighbouring channels, a lane, a row of the kernel reads 16 bytes at each of three taps,
//
//   a0 a1 .. a15    b0 b1 .. b15    c0 c1 .. c15
//
// which are interleaved to 32 bits a channel, a0 b0 c0 0, a1 b1 c1 0, .., and multiplied by the channel's three weights
// and a zero. Rows of more taps are several triples, the last filled up with weights of zero. What follows the sums is
// conv_int8.h's; the same bits as depthwise_int8_reference.
#pragma once

#include <vector>

#include "kernels/depthwise_int8/depthwise_int8.h"

namespace saker {

constexpr std::int64_t kTriplesLane = 16;  // channels; a layer has a multiple of them
constexpr std::int64_t kMostTriples = 44;  // of a kernel: 11 x 11

// A block is four vectors of sums: of width / 4 lanes of one pixel, or of neighbours where a pixel has fewer.
struct DepthwiseTriplesKernel {
  KernelName name;
  int width;
  // args as for depthwise_int8, but weights, bias and finish packed in the order below (zeros is not); results are
  // bytes without residual and table.
  void (*run)(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end);
};

extern const DepthwiseTriplesKernel kDepthwiseTriplesAvx2Vnni, kDepthwiseTriplesAvx512Vnni;

// The channel of each number of what is packed, the finish and a set of starts: [blocks until the lanes repeat][four
// vectors][lanes][4].
std::vector<std::int64_t> depthwise_triples_order(const DepthwiseTriplesKernel& kernel, std::int64_t channels);

// Packed weights: [blocks][kernel_h][triples of a row][four vectors], a float each four bytes.
constexpr std::int64_t triples_of_row(const ConvShape& shape) {
  return (shape.kernel_w + 2) / 3;
}
std::int64_t depthwise_triples_weights(const ConvShape& shape, std::int64_t order_size);
void depthwise_triples_pack_weights(const DepthwiseTriplesKernel& kernel, const ConvShape& shape,
                                    const std::vector<std::int64_t>& order, const std::int8_t* weights, float* packed);
void depthwise_triples_pack_starts(const ConvShape& shape, const std::vector<std::int64_t>& order,
                                   const std::int8_t* weights, const std::uint8_t* zero_points, float* packed);

}  // namespace saker
