// From the sums of a tile to results: the half-size addend, the activation, the residual. They and the addends are
// floats, or another Stored (simd/stored.inl). Include after one vec_*.h, in kernel files only.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/simd/math.inl"
#include "kernels/simd/stored.inl"

namespace saker {
namespace {

// results[p][0..lanes) += the coarse picture's values; `channels` <= lanes are real.
template <typename Stored>
inline void add_coarse(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                       float* results, int lanes, int channels) {
  const CoarsePicture& coarse = args.coarse;
  const std::int64_t position = coarse.first + tile.y * args.shape.out_w + tile.x;
  const Stored* picture = reinterpret_cast<const Stored*>(coarse.data) + n * coarse.at.n_step + first_channel;
  std::int64_t y = position / coarse.row, x = position % coarse.row;
  for (int p = 0; p < tile.count; ++p, results += lanes) {
    const Stored* from = picture + y / 2 * coarse.at.y_step + x / 2 * coarse.at.x_step;
    for (int c = 0; c < channels; c += Vec::kWidth) {
      const int left = channels - c;
      const Vec addend = left >= Vec::kWidth ? load_stored(from + c) : load_stored_n(from + c, left);
      (Vec::load(results + c) + addend).store(results + c);
    }
    if (++x == coarse.row) {
      x = 0;
      ++y;
    }
  }
}

// results[p][0..lanes) -> act -> + residual -> dst; `channels` <= lanes are real. `lanes` is a multiple of the width.
template <typename Stored>
inline void store_tile(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                       const float* results, int lanes, int channels) {
  const auto start = [&](const ImageStrides& at) {
    return n * at.n_step + tile.y * at.y_step + tile.x * at.x_step + first_channel;
  };
  Stored* dst = reinterpret_cast<Stored*>(args.dst) + start(args.dst_at);
  const Stored* residual =
      args.residual == nullptr ? nullptr : reinterpret_cast<const Stored*>(args.residual) + start(args.residual_at);
  with_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(args.activation.alpha);
    const Vec beta = Vec::broadcast(args.activation.beta);
    for (int p = 0; p < tile.count; ++p, dst += args.dst_at.x_step, results += lanes) {
      for (int c = 0; c < channels; c += Vec::kWidth) {
        const int left = channels - c;
        Vec value = activate<kKind>(Vec::load(results + c), alpha, beta);
        if (left >= Vec::kWidth) {
          if (residual != nullptr) value = value + load_stored(residual + c);
          store_stored(value, dst + c);
        } else {
          if (residual != nullptr) value = value + load_stored_n(residual + c, left);
          store_stored_n(value, dst + c, left);
        }
      }
      if (residual != nullptr) residual += args.residual_at.x_step;
    }
  });
}

template <typename Stored = float>
inline void finish_tile(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                        float* results, int lanes, int channels) {
  if (args.coarse.data != nullptr) add_coarse<Stored>(args, n, tile, first_channel, results, lanes, channels);
  store_tile<Stored>(args, n, tile, first_channel, results, lanes, channels);
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
