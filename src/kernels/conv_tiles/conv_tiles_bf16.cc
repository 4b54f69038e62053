#include "kernels/conv_tiles/conv_tiles_bf16.h"

#include <algorithm>
#include <vector>

#include "base/half.h"

namespace saker {

void tiles_pack_bf16_weights(const ConvShape& s, std::int64_t in_c, const float* weights, float* packed) {
  std::vector<std::uint16_t> rounded(static_cast<std::size_t>(s.out_c * in_c * s.taps()));
  std::transform(weights, weights + rounded.size(), rounded.begin(), float_to_bfloat16);
  tiles_pack_weights(s, in_c, rounded.data(), packed);
}

void tiles_pack_bias(std::int64_t out_c, const float* bias, float* packed) {
  std::fill_n(packed, tiles_padded(out_c), 0.0F);
  if (bias != nullptr) std::copy_n(bias, out_c, packed);
}

}  // namespace saker
