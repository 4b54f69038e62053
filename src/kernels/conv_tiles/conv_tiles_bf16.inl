// The Pixels of conv_tiles.inl of BFloat16, and what follows their sums. Include after one vec_*.h and the
// stored_*.h for it.
#pragma once

#include "kernels/conv_bf16/finish_bf16.inl"
#include "kernels/conv_tiles/conv_tiles_bf16.h"

namespace saker {
namespace {

// The channels of floats or BFloat16 as BFloat16.
inline void copy_channels(const float* from, std::int64_t n, BFloat16* to) {
  std::int64_t c = 0;
  for (; c + Vec::kWidth <= n; c += Vec::kWidth) store_stored(Vec::load(from + c), to + c);
  if (c < n) store_stored_n(Vec::load_n(from + c, static_cast<int>(n - c)), to + c, static_cast<int>(n - c));
}
inline void copy_channels(const BFloat16* from, std::int64_t n, BFloat16* to) {
  std::int64_t c = 0;
  for (; c + 8 <= n; c += 8) __builtin_memcpy(to + c, from + c, 8 * sizeof(BFloat16));
  for (; c < n; ++c) to[c] = from[c];
}

// Stored: the type of the picture's numbers.
template <typename Stored>
class Bf16Pixels {
 public:
  static constexpr bool kClears = true;
  Bf16Pixels(const ConvBf16Args& args, std::int64_t n) : args_(args), shape_(args.shape), n_(n) {
    shape_.in_c = conv_bf16_pairs(args.shape.in_c);
  }
  const ConvShape& shape() const { return shape_; }
  const Stored* row(std::int64_t y) const {
    const bool inside = y >= 0 && y < shape_.in_h;
    const auto* src = reinterpret_cast<const Stored*>(args_.src);
    return inside ? src + n_ * args_.src_at.n_step + y * args_.src_at.y_step : nullptr;
  }
  void copy(const Stored* row, std::int64_t x, std::uint8_t* to) const {
    const bool inside = row != nullptr && x >= 0 && x < shape_.in_w;
    const std::int64_t channels = inside ? args_.shape.in_c : 0;
    auto* pairs = reinterpret_cast<BFloat16*>(to);
    if (inside) copy_channels(row + x * args_.src_at.x_step, channels, pairs);
    for (std::int64_t c = channels; c < 2 * shape_.in_c; ++c) pairs[c] = {0};
  }

 private:
  const ConvBf16Args& args_;
  ConvShape shape_;
  const std::int64_t n_;
};

}  // namespace
}  // namespace saker

// (the body, over Pixels and finish_tile)
#include "kernels/conv_tiles/conv_tiles.inl"

namespace saker {
namespace {

template <typename Tiles>
void run_bf16_tiles(const ConvBf16Args& args, const TilesJob& job) {
  args.src_bf16 ? run_tiles<Tiles, Bf16Pixels<BFloat16>>(args, job) : run_tiles<Tiles, Bf16Pixels<float>>(args, job);
}

}  // namespace
}  // namespace saker
