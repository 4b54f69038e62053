// The convolution of 8-bit numbers, compiled once per ISA level: conv.inl with a dot product of four bytes in place of
// each multiply-add. Include after one vec_*.h, the bytes_*.h for it, and a multiply_add.
#pragma once

#include "kernels/conv/tile.inl"
// (over Tile)
#include "kernels/conv_int8/finish.inl"
// (over finish_tile)
#include "kernels/conv/conv.inl"

namespace saker {
namespace {

constexpr ConvKernel conv_int8_tiles(KernelName name) {
  return {name,
          Vec::kWidth,
          kMaxVectors,
          {tile_pixels_for(1), tile_pixels_for(2), tile_pixels_for(3), tile_pixels_for(4), tile_pixels_for(5)},
          nullptr};
}

}  // namespace
}  // namespace saker
