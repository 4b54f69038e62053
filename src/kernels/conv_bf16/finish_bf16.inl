// What becomes of the sums of ConvBf16Args. Include after one vec_*.h and the stored_*.h for it, in kernel files only.
#pragma once

// (over both)
#include "kernels/conv/finish.inl"
#include "kernels/conv_bf16/conv_bf16.h"

namespace saker {
namespace {

inline void finish_tile(const ConvBf16Args& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                        float* results, int lanes, int channels) {
  args.dst_bf16 ? finish_tile<BFloat16>(args, n, tile, first_channel, results, lanes, channels)
                : finish_tile<float>(args, n, tile, first_channel, results, lanes, channels);
}

inline bool stores_in_place(const ConvBf16Args& args) {
  const ConvArgs& floats = args;
  return !args.dst_bf16 && stores_in_place(floats);
}

}  // namespace
}  // namespace saker
