// From the sums of a tile to float32 results: the half-size addend, the activation, the residual. Include after one
// vec_*.h and math.inl, in kernel files only.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/simd/math.inl"

namespace saker {
namespace {

// results[p][0..lanes) += the coarse picture's values; `channels` <= lanes are real.
inline void add_coarse(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                       float* results, int lanes, int channels) {
  const CoarsePicture& coarse = args.coarse;
  const std::int64_t position = coarse.first + tile.y * args.shape.out_w + tile.x;
  const float* picture = coarse.data + n * coarse.at.n_step + first_channel;
  std::int64_t y = position / coarse.row, x = position % coarse.row;
  for (int p = 0; p < tile.count; ++p, results += lanes) {
    const float* from = picture + y / 2 * coarse.at.y_step + x / 2 * coarse.at.x_step;
    for (int c = 0; c < channels; c += Vec::kWidth) {
      const int left = channels - c;
      const Vec addend = left >= Vec::kWidth ? Vec::load(from + c) : Vec::load_n(from + c, left);
      (Vec::load(results + c) + addend).store(results + c);
    }
    if (++x == coarse.row) {
      x = 0;
      ++y;
    }
  }
}

// results[p][0..lanes) -> act -> + residual -> dst; `channels` <= lanes are real. `lanes` is a multiple of the width.
inline void store_tile(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                       const float* results, int lanes, int channels) {
  const auto start = [&](const ImageStrides& at) {
    return n * at.n_step + tile.y * at.y_step + tile.x * at.x_step + first_channel;
  };
  float* dst = args.dst + start(args.dst_at);
  const float* residual = args.residual == nullptr ? nullptr : args.residual + start(args.residual_at);
  with_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(args.activation.alpha);
    const Vec beta = Vec::broadcast(args.activation.beta);
    for (int p = 0; p < tile.count; ++p, dst += args.dst_at.x_step, results += lanes) {
      for (int c = 0; c < channels; c += Vec::kWidth) {
        const int left = channels - c;
        Vec value = activate<kKind>(Vec::load(results + c), alpha, beta);
        if (left >= Vec::kWidth) {
          if (residual != nullptr) value = value + Vec::load(residual + c);
          value.store(dst + c);
        } else {
          if (residual != nullptr) value = value + Vec::load_n(residual + c, left);
          value.store_n(dst + c, left);
        }
      }
      if (residual != nullptr) residual += args.residual_at.x_step;
    }
  });
}

inline void finish_tile(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                        float* results, int lanes, int channels) {
  if (args.coarse.data != nullptr) add_coarse(args, n, tile, first_channel, results, lanes, channels);
  store_tile(args, n, tile, first_channel, results, lanes, channels);
}

inline bool stores_in_place(const ConvArgs& args) {
  return args.activation.kind == ActivationKind::kNone && args.residual == nullptr && args.coarse.data == nullptr;
}

// Whether pixels at the border get tiles of their own.
inline bool peels_borders(const ConvArgs&) {
  return false;
}

inline const float* start_of(const ConvArgs& args, const Range&) {
  return args.bias;
}

}  // namespace
}  // namespace saker
