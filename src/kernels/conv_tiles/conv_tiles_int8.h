// What conv_int8.h computes, the same bits, by tiles (tiles_form.h).
#pragma once

#include "kernels/conv_int8/conv_int8.h"
#include "kernels/conv_tiles/tiles_form.h"

namespace saker {

// As conv_int8_pack_starts, of all rows of the kernel alone, padded to whole blocks. shape: in words, of in_c channels.
void tiles_pack_starts(const ConvShape& shape, std::int64_t in_c, const std::int8_t* weights,
                       const std::uint8_t* zero_points, float* packed);

// args as of a ConvInt8Kernel but for weights and bias, which are those packed here, and finish, padded as the starts.
struct ConvTilesInt8Kernel {
  KernelName name;
  void (*run)(const ConvInt8Args& args, const TilesJob& job);
};

extern const ConvTilesInt8Kernel kConvTilesInt8Amx;       // needs Isa::kAmxInt8, and tiles_permitted() (base/tiles.h)
extern const ConvTilesInt8Kernel kConvTilesInt8Software;  // the same steps without the instructions: for tests

}  // namespace saker
