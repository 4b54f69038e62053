// Depthwise 2-D convolution of 8-bit numbers, channels innermost: conv_int8.h's formula with one input channel per
// output channel, dst[.., o] from src[.., o]. ConvInt8Args with out_c channels and in_c as many in quads.
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {

// Packed weights: [kernel_h][kernel_w][channels] as int32, zeros up to a multiple of the width; what follows the sums
// is packed alike: finish, and starts as by conv_int8_pack_starts, a multiple of the width apart.
struct DepthwiseInt8Kernel {
  KernelName name;
  int width;
  void (*run)(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end);
};

extern const DepthwiseInt8Kernel kDepthwiseInt8Baseline, kDepthwiseInt8Avx2, kDepthwiseInt8Avx512;

std::int64_t depthwise_int8_packed_channels(const DepthwiseInt8Kernel& kernel, std::int64_t channels);  // rounded up
// Weights [channels][taps], zero points [channels].
void depthwise_int8_pack_weights(const DepthwiseInt8Kernel& kernel, const ConvShape& shape, const std::int8_t* weights,
                                 float* packed);
void depthwise_int8_pack_starts(const DepthwiseInt8Kernel& kernel, const ConvShape& shape, const std::int8_t* weights,
                                const std::uint8_t* zero_points, float* packed);
// conv_int8_set_starts of one channel.
void depthwise_int8_set_starts(const ConvShape& shape, std::int64_t channel, const std::int8_t* weights,
                               const std::uint8_t* zero_points, std::int64_t step, std::int32_t* starts);

// Weights are [channels][kernel_h][kernel_w]; else as conv_int8_reference.
void depthwise_int8_reference(const ConvInt8Args& args, const Int8Reference& reference);

}  // namespace saker
