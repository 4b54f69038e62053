// Depthwise 2-D convolution of float32, channels innermost: conv.h's formula with one input channel
// per output channel, dst[.., o] from src[.., o]. ConvArgs with in_c = out_c = channels.
#pragma once

#include "kernels/conv_bf16/conv_bf16.h"

namespace saker {

// Packed weights: [kernel_h][kernel_w][channels], zeros up to a multiple of the width; bias likewise.
struct DepthwiseKernel {
  KernelName name;
  int width;
  void (*run)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end);
};

extern const DepthwiseKernel kDepthwiseBaseline, kDepthwiseAvx2, kDepthwiseAvx512;

// Of bfloat16, widened and multiplied in float32. src_bf16 is set, and the strides of src count pairs: floats.
struct DepthwiseBf16Kernel {
  KernelName name;
  int width;  // packed as by the DepthwiseKernel of this width
  void (*run)(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end);
};
extern const DepthwiseBf16Kernel kDepthwiseBf16Avx512;  // needs Isa::kBf16 besides

std::int64_t depthwise_packed_channels(const DepthwiseKernel& kernel, std::int64_t channels);  // rounded up
// Weights [channels][taps]; bias may be null.
void depthwise_pack_weights(const DepthwiseKernel& kernel, std::int64_t channels, std::int64_t taps,
                            const float* weights, float* packed);
void depthwise_pack_bias(const DepthwiseKernel& kernel, std::int64_t channels, const float* bias, float* packed);

void depthwise_reference(const ConvArgs& args, const float* weights, const float* bias);

}  // namespace saker
