#include "kernels/conv_tiles/conv_tiles_int8.h"

namespace saker {

void tiles_pack_starts(const ConvShape& s, std::int64_t in_c, const std::int8_t* weights,
                       const std::uint8_t* zero_points, float* packed) {
  std::memset(packed, 0, static_cast<std::size_t>(tiles_padded(s.out_c)) * sizeof(float));
  auto* starts = reinterpret_cast<std::int32_t*>(packed);
  for (std::int64_t o = 0; o < s.out_c; ++o) {
    for (std::int64_t k = 0; k < in_c * s.taps(); ++k)
      starts[o] -= static_cast<std::int32_t>(zero_points[k / s.taps()]) * weights[o * in_c * s.taps() + k];
  }
}

}  // namespace saker
