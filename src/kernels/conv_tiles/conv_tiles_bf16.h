// What conv_bf16.h computes, by tiles (tiles_form.h): inputs and weights rounded to BFloat16, the rest in float32.
// Within a chunk the even and the odd channels are added up apart (Intel SDM, volume 2, TDPBF16PS), so that sums differ
// from other kernels' by their rounding; conv_bf16.h's bound holds.
#pragma once

#include "kernels/conv_bf16/conv_bf16.h"
#include "kernels/conv_tiles/tiles_form.h"

namespace saker {

// Weights [out_c][in_c][taps]; shape: in words, of in_c channels.
void tiles_pack_bf16_weights(const ConvShape& shape, std::int64_t in_c, const float* weights, float* packed);
// tiles_padded(out_c) floats; bias may be null.
void tiles_pack_bias(std::int64_t out_c, const float* bias, float* packed);

// args.shape, unlike the others', counts channels. args.weights and bias are those packed here; zeros is not used.
struct ConvTilesBf16Kernel {
  KernelName name;
  void (*run)(const ConvBf16Args& args, const TilesJob& job);
};

extern const ConvTilesBf16Kernel kConvTilesBf16Amx;       // needs Isa::kAmxBf16, and tiles_permitted() (base/tiles.h)
extern const ConvTilesBf16Kernel kConvTilesBf16Software;  // the same steps without the instructions: for tests

}  // namespace saker
