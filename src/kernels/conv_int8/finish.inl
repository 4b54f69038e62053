// From int32 sums to 8-bit or float results. Include after one vec_*.h and the bytes_*.h beside it, in kernel files
// only. The order of operations is that of conv_int8.h, to the last bit.
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {
namespace {

template <ActivationKind kKind>
inline Vec activate_exactly(Vec x, [[maybe_unused]] Vec alpha, [[maybe_unused]] Vec beta) {
  const Vec zero = Vec::broadcast(0);
  if constexpr (kKind == ActivationKind::kRelu) return max(x, zero);
  if constexpr (kKind == ActivationKind::kLeakyRelu) return select_negative(x, alpha * x, x);
  if constexpr (kKind == ActivationKind::kClip) return min(max(x, alpha), beta);
  if constexpr (kKind == ActivationKind::kSilu) return silu_by_squares(x);
  if constexpr (kKind == ActivationKind::kHardSwish) {
    const Vec gate = fused(x, Vec::broadcast(1.0F / 6), Vec::broadcast(0.5F));
    return x * min(max(gate, zero), Vec::broadcast(1));
  }
  return x;
}

template <typename F>
inline void with_exact_activation(ActivationKind kind, F&& f) {
  switch (kind) {
    case ActivationKind::kRelu:
      return f.template operator()<ActivationKind::kRelu>();
    case ActivationKind::kLeakyRelu:
      return f.template operator()<ActivationKind::kLeakyRelu>();
    case ActivationKind::kClip:
      return f.template operator()<ActivationKind::kClip>();
    case ActivationKind::kSilu:
      return f.template operator()<ActivationKind::kSilu>();
    case ActivationKind::kHardSwish:
      return f.template operator()<ActivationKind::kHardSwish>();
    default:
      return f.template operator()<ActivationKind::kNone>();
  }
}

inline bool stores_in_place(const ConvInt8Args&) {
  return false;
}

// The starts of the tile's range of kernel rows.
inline const float* start_of(const ConvInt8Args& args, const Range& rows) {
  return args.bias + conv_int8_start_set(args.shape.kernel_h, rows.first, rows.last) * args.start_step;
}

// Where a tile's results go: element (pixel p, channel c) is at p * x_step + c.
struct TileOut {
  float* floats;
  std::uint8_t* bytes;  // null: floats
  std::int64_t x_step;
};

// Channels [c, c + n) of a tile's pixels; n < width: the last, partial vector.
template <ActivationKind kKind, bool kWhole>
inline void finish_vector(const ConvInt8Args& args, int pixels, std::int64_t channel, int n, const float* results,
                          int lanes, const std::uint8_t* residual, const TileOut& out) {
  const Int8Finish& f = args.finish;
  const Vec alpha = Vec::broadcast(args.activation.alpha), beta = Vec::broadcast(args.activation.beta);
  const Vec multiplier = Vec::load(f.multiplier + channel), bias = Vec::load(f.bias + channel);
  const bool scaled = f.out_scale != nullptr;
  const Vec scale = scaled ? Vec::load(f.out_scale + channel) : Vec::broadcast(1);
  const Vec offset = scaled ? Vec::load(f.out_offset + channel) : Vec::broadcast(0);
  const Vec residual_scale = residual != nullptr ? Vec::load(f.residual_scale + channel) : Vec::broadcast(0);
  std::int64_t at = 0;
  for (int p = 0; p < pixels; ++p, results += lanes, at += out.x_step) {
    Vec v = activate_exactly<kKind>(fused(load_integers(results), multiplier, bias), alpha, beta);
    if (scaled) v = fused(v, scale, offset);
    if (residual != nullptr) {
      v = fused(kWhole ? load_bytes(residual) : load_bytes_n(residual, n), residual_scale, v);
      residual += args.residual_at.x_step;
    }
    if (out.bytes != nullptr) {
      kWhole ? store_bytes(v, out.bytes + at) : store_bytes_n(v, out.bytes + at, n);
    } else {
      kWhole ? v.store(out.floats + at) : v.store_n(out.floats + at, n);
    }
  }
}

inline void finish_channels(const ConvInt8Args& args, int pixels, std::int64_t first_channel, const float* results,
                            int lanes, int channels, const std::uint8_t* residual, const TileOut& out) {
  with_exact_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    for (int c = 0; c < channels; c += Vec::kWidth) {
      const std::uint8_t* own = residual == nullptr ? nullptr : residual + c;
      const TileOut to{out.floats + c, out.bytes == nullptr ? nullptr : out.bytes + c, out.x_step};
      const int left = channels - c;
      if (left >= Vec::kWidth) {
        finish_vector<kKind, true>(args, pixels, first_channel + c, left, results + c, lanes, own, to);
      } else {
        finish_vector<kKind, false>(args, pixels, first_channel + c, left, results + c, lanes, own, to);
      }
    }
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
  constexpr int kMostResults = 16 * Vec::kWidth * 5;  // of a tile
  const auto start = [&](const ImageStrides& at) {
    return n * at.n_step + tile.y * at.y_step + tile.x * at.x_step + first_channel;
  };
  const std::uint8_t* residual =
      args.residual_bytes == nullptr ? nullptr : args.residual_bytes + start(args.residual_at);
  const std::int64_t dst = start(args.dst_at);
  std::uint8_t* bytes = args.dst_bytes == nullptr ? nullptr : args.dst_bytes + dst;
  if (args.table == nullptr) {
    float* floats = bytes == nullptr ? args.dst + dst : nullptr;
    finish_channels(args, tile.count, first_channel, results, lanes, channels, residual,
                    {floats, bytes, args.dst_at.x_step});
    return;
  }
  // All of the tile's numbers are looked up at once.
  alignas(64) std::uint8_t numbers[kMostResults];
  finish_channels(args, tile.count, first_channel, results, lanes, channels, residual, {nullptr, numbers, lanes});
  args.lookup(args.table, numbers, static_cast<std::int64_t>(tile.count) * lanes);
  for (int p = 0; p < tile.count; ++p) copy_bytes(numbers + p * lanes, channels, bytes + p * args.dst_at.x_step);
}

}  // namespace
}  // namespace saker
