// The Pixels of conv_tiles.inl of bytes, and what follows their sums. Include after one vec_*.h and the bytes_*.h for
// it.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/conv_tiles/conv_tiles_int8.h"
// (what follows the sums, over Tile and bytes)
#include "kernels/conv_int8/finish.inl"

namespace saker {
namespace {

class BytePixels {
 public:
  static constexpr bool kClears = false;
  BytePixels(const ConvInt8Args& args, std::int64_t n) : args_(args), n_(n) {}
  const ConvShape& shape() const { return args_.shape; }
  const float* row(std::int64_t y) const {
    const bool inside = y >= 0 && y < args_.shape.in_h;
    return inside ? args_.src + n_ * args_.src_at.n_step + y * args_.src_at.y_step : nullptr;
  }
  void copy(const float* row, std::int64_t x, std::uint8_t* to) const {
    const bool inside = row != nullptr && x >= 0 && x < args_.shape.in_w;
    const auto* from = reinterpret_cast<const std::uint8_t*>(inside ? row + x * args_.src_at.x_step : args_.zeros);
    const std::int64_t bytes = args_.shape.in_c * kTileWord;
    std::int64_t i = 0;
    for (; i + 16 <= bytes; i += 16) __builtin_memcpy(to + i, from + i, 16);
    for (; i < bytes; i += kTileWord) __builtin_memcpy(to + i, from + i, kTileWord);
  }

 private:
  const ConvInt8Args& args_;
  const std::int64_t n_;
};

}  // namespace
}  // namespace saker

// (the body, over Pixels and finish_tile)
#include "kernels/conv_tiles/conv_tiles.inl"
