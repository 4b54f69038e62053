// From int32 sums to 8-bit or float results. Include after one vec_*.h and the bytes_*.h beside it, in kernel files
// only. The order of operations is that of conv_int8.h, to the last bit.
#pragma once

#include "kernels/conv_int8/finish_values.inl"

namespace saker {
namespace {

inline bool stores_in_place(const ConvInt8Args&) {
  return false;
}

// Of layers with few products for each tap: setting up a border tile costs more than they do. With many, a pixel alone
// would wait for its own sums.
inline bool peels_borders(const ConvInt8Args& args) {
  constexpr std::int64_t kFewQuads = 40;
  return args.shape.taps() > 1 && args.shape.taps() * args.shape.in_c <= kFewQuads;
}

// The starts of the tile's range of kernel rows.
inline const float* start_of(const ConvInt8Args& args, const Range& rows) {
  return args.bias + conv_int8_start_set(args.shape.kernel_h, rows.first, rows.last) * args.start_step;
}

// A tile's sums: results[p][0..lanes), of which `channels` are real, those from `first` on.
struct TileSums {
  const float* results;
  int pixels, lanes, channels;
  std::int64_t first;
};

// Where a tile's results go: element (pixel p, channel c) is at p * x_step + c.
struct TileOut {
  float* floats;
  std::uint8_t* bytes;  // null: floats
  std::int64_t x_step;
};

template <ActivationKind kKind, bool kScaled, bool kResidual>
inline void finish_channels(const ConvInt8Args& args, const TileSums& sums, const std::uint8_t* residual,
                            const TileOut& out) {
  const std::int64_t residual_step = args.residual_at.x_step;
  for (int c = 0; c < sums.channels; c += Vec::kWidth) {
    const ValueFinish<kKind, kScaled, kResidual> values(args,
                                                        [&](const float* p) { return Vec::load(p + sums.first + c); });
    const int n = sums.channels - c < Vec::kWidth ? sums.channels - c : Vec::kWidth;
    const auto finish = [&](const float* from, const std::uint8_t* added) {
      Vec residual_value = Vec::broadcast(0);
      if constexpr (kResidual) residual_value = n < Vec::kWidth ? load_bytes_n(added, n) : load_bytes(added);
      return values(load_integers(from), residual_value);
    };
    const float* from = sums.results + c;
    const std::uint8_t* added = kResidual ? residual + c : nullptr;
    if (out.bytes == nullptr) {
      float* to = out.floats + c;
      for (int p = 0; p < sums.pixels;
           ++p, from += sums.lanes, added += kResidual ? residual_step : 0, to += out.x_step)
        n < Vec::kWidth ? finish(from, added).store_n(to, n) : finish(from, added).store(to);
      continue;
    }
    std::uint8_t* to = out.bytes + c;
    int p = 0;
    for (; n == Vec::kWidth && p + 4 <= sums.pixels; p += 4, from += 4 * sums.lanes, to += 4 * out.x_step) {
      Vec v[4];
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k, added += kResidual ? residual_step : 0) v[k] = finish(from + k * sums.lanes, added);
      store_bytes_4(v, to, out.x_step);
    }
    for (; p < sums.pixels; ++p, from += sums.lanes, added += kResidual ? residual_step : 0, to += out.x_step)
      n < Vec::kWidth ? store_bytes_n(finish(from, added), to, n) : store_bytes(finish(from, added), to);
  }
}

template <ActivationKind kKind>
inline void finish_channels(const ConvInt8Args& args, const TileSums& sums, const std::uint8_t* residual,
                            const TileOut& out) {
  with_steps(args, [&]<bool kScaled, bool kResidual>() {
    finish_channels<kKind, kScaled, kResidual>(args, sums, residual, out);
  });
}

inline void copy_bytes(const std::uint8_t* from, int n, std::uint8_t* to) {
  constexpr int kStep = 16;
  int i = 0;
  for (; i + kStep <= n; i += kStep) __builtin_memcpy(to + i, from + i, kStep);
  for (; i < n; ++i) to[i] = from[i];
}

// results[p][0..lanes) -> dst; `channels` <= lanes are real.
inline void finish_tile(const ConvInt8Args& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                        const float* results, int lanes, int channels) {
  constexpr int kMostResults = 16 * 5 * Vec::kWidth;  // of a tile
  const auto start = [&](const ImageStrides& at) {
    return n * at.n_step + tile.y * at.y_step + tile.x * at.x_step + first_channel;
  };
  const TileSums sums{results, tile.count, lanes, channels, first_channel};
  const std::uint8_t* residual =
      args.residual_bytes == nullptr ? nullptr : args.residual_bytes + start(args.residual_at);
  const std::int64_t dst = start(args.dst_at);
  std::uint8_t* bytes = args.dst_bytes == nullptr ? nullptr : args.dst_bytes + dst;
  with_exact_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    if (args.table == nullptr) {
      finish_channels<kKind>(args, sums, residual,
                             {bytes == nullptr ? args.dst + dst : nullptr, bytes, args.dst_at.x_step});
      return;
    }
    // All of the tile's numbers are looked up at once.
    alignas(64) std::uint8_t numbers[kMostResults];
    finish_channels<kKind>(args, sums, residual, {nullptr, numbers, lanes});
    args.lookup(args.table, numbers, static_cast<std::int64_t>(tile.count) * lanes);
    for (int p = 0; p < tile.count; ++p) copy_bytes(numbers + p * lanes, channels, bytes + p * args.dst_at.x_step);
  });
}

}  // namespace
}  // namespace saker
