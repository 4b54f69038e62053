// Packing and the reference.
#include "kernels/depthwise/depthwise.h"

#include <algorithm>

namespace saker {

std::int64_t depthwise_packed_channels(const DepthwiseKernel& kernel, std::int64_t channels) {
  return (channels + kernel.width - 1) / kernel.width * kernel.width;
}

void depthwise_pack_weights(const DepthwiseKernel& kernel, std::int64_t channels, std::int64_t taps,
                            const float* weights, float* packed) {
  const std::int64_t padded = depthwise_packed_channels(kernel, channels);
  std::fill_n(packed, padded * taps, 0.0F);
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t t = 0; t < taps; ++t) packed[t * padded + c] = weights[c * taps + t];
  }
}

void depthwise_pack_bias(const DepthwiseKernel& kernel, std::int64_t channels, const float* bias, float* packed) {
  std::fill_n(packed, depthwise_packed_channels(kernel, channels), 0.0F);
  if (bias != nullptr) std::copy_n(bias, channels, packed);
}

void depthwise_reference(const ConvArgs& args, const float* weights, const float* bias) {
  ConvArgs one = args;
  one.shape.in_c = one.shape.out_c = 1;
  for (std::int64_t c = 0; c < args.shape.out_c; ++c) {
    one.src = args.src + c;
    one.dst = args.dst + c;
    one.residual = args.residual == nullptr ? nullptr : args.residual + c;
    conv_reference(one, weights + c * args.shape.taps(), bias == nullptr ? nullptr : bias + c);
  }
}

}  // namespace saker
