// The transforms and the products, compiled once per ISA level. Include after one vec_*.h, the bytes_*.h for it, and a
// multiply_add of pairs of 16-bit numbers.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/winograd_int8/winograd_int8.h"
// (what follows the sums, over Tile and bytes)
#include "kernels/conv_int8/finish.inl"

namespace saker {
namespace {

// The products are 1x1 convolutions whose sums stay as they are.
inline bool stores_in_place(const ConvArgs&) {
  return true;
}
inline bool peels_borders(const ConvArgs&) {
  return false;
}
inline const float* start_of(const ConvArgs& args, const Range&) {
  return args.bias;
}
inline void finish_tile(const ConvArgs& args, std::int64_t n, const Tile& tile, std::int64_t first_channel,
                        const float* results, int lanes, int channels) {
  float* dst = args.dst + n * args.dst_at.n_step + tile.y * args.dst_at.y_step + tile.x * args.dst_at.x_step;
  for (int p = 0; p < tile.count; ++p, dst += args.dst_at.x_step, results += lanes)
    __builtin_memcpy(dst + first_channel, results, static_cast<std::size_t>(channels) * sizeof(float));
}

}  // namespace
}  // namespace saker

// (over multiply_add and finish_tile)
#include "kernels/conv/conv.inl"

namespace saker {
namespace {

constexpr int kTileRows = kWinogradInt8Rows, kTileColumns = kWinogradInt8Columns;
constexpr int kInRows = kTileRows + 2, kInColumns = kTileColumns + 2;

// Channels of one pixel: kWinogradInt8Channels, and as many as fill a register. (Two structs, as GCC 12 converts no
// vectors whose size is a template's.)
struct Narrow {
  static constexpr int kWidth = static_cast<int>(kWinogradInt8Channels);
  using Bytes [[gnu::vector_size(kWidth)]] = std::uint8_t;
  using Words [[gnu::vector_size(2 * kWidth)]] = std::int16_t;

  static Words load(const std::uint8_t* p) {
    Bytes bytes;
    __builtin_memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(bytes, Words);
  }
};
struct Wide {
  static constexpr int kWidth = 2 * Vec::kWidth;
  using Bytes [[gnu::vector_size(kWidth)]] = std::uint8_t;
  using Words [[gnu::vector_size(2 * kWidth)]] = std::int16_t;

  static Words load(const std::uint8_t* p) {
    Bytes bytes;
    __builtin_memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(bytes, Words);
  }
};

// B^T along a column and along a row.
template <typename Words>
inline void column_points(const Words (&d)[kInRows], Words (&t)[kInRows]) {
  t[0] = d[0] - d[2];
  t[1] = d[1] + d[2];
  t[2] = d[2] - d[1];
  t[3] = d[1] - d[3];
}
template <typename Words>
inline void row_points(const Words (&d)[kInColumns], Words (&t)[kInColumns]) {
  const Words four2 = d[2] << 2, four1 = d[1] << 2;
  const Words even = d[4] - four2, odd = d[3] - four1;
  const Words even2 = d[4] - d[2], odd2 = (d[3] - d[1]) << 1;
  t[0] = (d[0] << 2) - four2 + even2;
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = even2 + odd2;
  t[4] = even2 - odd2;
  t[5] = four1 - (d[3] << 2) - d[3] + d[5];
}

// A^T.
template <typename Ints>
inline void column_results(const Ints (&m)[kInRows], Ints (&y)[kTileRows]) {
  y[0] = m[0] + m[1] + m[2];
  y[1] = m[1] - m[2] - m[3];
}
template <typename Ints>
inline void row_results(const Ints (&m)[kInColumns], Ints (&y)[kTileColumns]) {
  const Ints sum1 = m[1] + m[2], difference1 = m[1] - m[2];
  const Ints sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  y[0] = m[0] + sum1 + sum2;
  y[1] = difference1 + (difference2 << 1);
  y[2] = sum1 + (sum2 << 2);
  y[3] = difference1 + (difference2 << 3) + m[5];
}

// Where a tile's pixels are; outside the picture: the zero points.
struct TileInputs {
  const std::uint8_t* from[kInRows][kInColumns];
};

inline TileInputs find_inputs(const ConvInt8Args& args, std::int64_t n, std::int64_t top, std::int64_t left) {
  const ConvShape& s = args.shape;
  const float* picture = args.src + n * args.src_at.n_step;
  TileInputs inputs;
  for (int i = 0; i < kInRows; ++i) {
    const std::int64_t y = top + i;
    const bool row_inside = y >= 0 && y < s.in_h;
    for (int j = 0; j < kInColumns; ++j) {
      const std::int64_t x = left + j;
      const bool inside = row_inside && x >= 0 && x < s.in_w;
      const float* at = inside ? picture + y * args.src_at.y_step + x * args.src_at.x_step : args.zeros;
      inputs.from[i][j] = reinterpret_cast<const std::uint8_t*>(at);
    }
  }
  return inputs;
}

// Channels from c on; `to` is that of the first product and channel c.
template <typename Channels>
inline void transform_channels(const TileInputs& inputs, std::int64_t c, std::int64_t product_step, float* to) {
  using Words = typename Channels::Words;
  Words half[kInRows][kInColumns];
#pragma GCC unroll 6
  for (int j = 0; j < kInColumns; ++j) {
    Words d[kInRows], t[kInRows];
#pragma GCC unroll 4
    for (int i = 0; i < kInRows; ++i) d[i] = Channels::load(inputs.from[i][j] + c);
    column_points(d, t);
#pragma GCC unroll 4
    for (int i = 0; i < kInRows; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < kInRows; ++i) {
    Words t[kInColumns];
    row_points(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < kInColumns; ++j, to += product_step) __builtin_memcpy(to, &t[j], sizeof t[j]);
  }
}

// Channels are a multiple of 4 and at least kWinogradInt8Channels: the last vector may overlap the one before.
inline void transform_tile(const TileInputs& inputs, std::int64_t channels, std::int64_t product_step, float* to) {
  std::int64_t c = 0;
  for (; c + Wide::kWidth <= channels; c += Wide::kWidth) transform_channels<Wide>(inputs, c, product_step, to + c / 2);
  if (c + Narrow::kWidth <= channels) {
    transform_channels<Narrow>(inputs, c, product_step, to + c / 2);
    c += Narrow::kWidth;
  }
  if (c == channels) return;
  c = channels - Narrow::kWidth;
  transform_channels<Narrow>(inputs, c, product_step, to + c / 2);
}

void transform_input(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                     std::int64_t product_step, float* transformed) {
  const std::int64_t across = WinogradInt8Tiles(args.shape).across, channels = args.shape.in_c * kInt8Quad;
  for (std::int64_t t = begin; t < end; ++t, transformed += channels / 2) {
    const TileInputs inputs = find_inputs(args, n, t / across * kTileRows - args.shape.pad_top,
                                          t % across * kTileColumns - args.shape.pad_left);
    transform_tile(inputs, channels, product_step, transformed);
  }
}

// Results of some tiles of a row, for some channels: [2 rows][pixels][kLanes] int32.
constexpr int kTilesTogether = 4;
constexpr int kPixelsTogether = kTilesTogether * kTileColumns;
constexpr int kLanesTogether = 4 * Vec::kWidth;
struct Sums {
  alignas(64) std::int32_t values[kTileRows][kPixelsTogether][kLanesTogether];
};

// One tile and vector of channels.
inline void tile_sums(const float* products, std::int64_t product_step, const float* starts, std::int32_t* sums,
                      std::int64_t row_step, std::int64_t pixel_step) {
  using Ints [[gnu::vector_size(4 * Vec::kWidth)]] = std::uint32_t;
  using Signed [[gnu::vector_size(4 * Vec::kWidth)]] = std::int32_t;
  Ints half[kTileRows][kInColumns];
#pragma GCC unroll 6
  for (int j = 0; j < kInColumns; ++j) {
    Ints m[kInRows], y[kTileRows];
#pragma GCC unroll 4
    for (int i = 0; i < kInRows; ++i)
      __builtin_memcpy(&m[i], products + (i * kInColumns + j) * product_step, sizeof m[i]);
    column_results(m, y);
#pragma GCC unroll 2
    for (int i = 0; i < kTileRows; ++i) half[i][j] = y[i];
  }
  Ints start;
  __builtin_memcpy(&start, starts, sizeof start);
#pragma GCC unroll 2
  for (int i = 0; i < kTileRows; ++i) {
    Ints y[kTileColumns];
    row_results(half[i], y);
#pragma GCC unroll 4
    for (int j = 0; j < kTileColumns; ++j) {
      // By 48: a shift by 4, and the inverse of 3 modulo 2^32.
      constexpr std::uint32_t kThird = 0xaaaaaaab;
      const Ints sum = reinterpret_cast<Ints>(reinterpret_cast<Signed>(y[j]) >> 4) * kThird + start;
      __builtin_memcpy(sums + i * row_step + j * pixel_step, &sum, sizeof sum);
    }
  }
}

// `count` neighbours from tile (y, x) on; products are those of the first.
inline void finish_tiles(const ConvInt8Args& args, std::int64_t n, std::int64_t y, std::int64_t x, int count,
                         std::int64_t product_step, const float* products) {
  const ConvShape& s = args.shape;
  const std::int64_t first_row = y * kTileRows, first_column = x * kTileColumns;
  const std::int64_t rows = s.out_h - first_row < kTileRows ? s.out_h - first_row : kTileRows;
  const std::int64_t columns = s.out_w - first_column, pixels = static_cast<std::int64_t>(count) * kTileColumns;
  const float* starts = start_of(args, Range{0, s.kernel_h});
  Sums sums;
  for (std::int64_t first = 0; first < s.out_c; first += kLanesTogether) {
    const std::int64_t left = s.out_c - first;
    const int channels = left < kLanesTogether ? static_cast<int>(left) : kLanesTogether;
    for (int t = 0; t < count; ++t) {
      for (int c = 0; c < channels; c += Vec::kWidth) {
        // The last vector may begin before its place, as products end with the last channel.
        const std::int64_t at = first + c + Vec::kWidth <= s.out_c ? first + c : s.out_c - Vec::kWidth;
        if (at < first) {
          std::int32_t whole[kTileRows * kTileColumns][Vec::kWidth];
          tile_sums(products + t * s.out_c + at, product_step, starts + at, whole[0], kTileColumns * Vec::kWidth,
                    Vec::kWidth);
          for (int i = 0; i < kTileRows; ++i) {
            for (int j = 0; j < kTileColumns; ++j) {
              __builtin_memcpy(sums.values[i][t * kTileColumns + j], whole[i * kTileColumns + j] + (first - at),
                               static_cast<std::size_t>(channels) * sizeof(std::int32_t));
            }
          }
          continue;
        }
        tile_sums(products + t * s.out_c + at, product_step, starts + at, &sums.values[0][t * kTileColumns][at - first],
                  kPixelsTogether * kLanesTogether, kLanesTogether);
      }
    }
    for (std::int64_t i = 0; i < rows; ++i) {
      const Tile tile{first_row + i, first_column, static_cast<int>(columns < pixels ? columns : pixels)};
      finish_tile(args, n, tile, first, reinterpret_cast<const float*>(sums.values[i]), kLanesTogether, channels);
    }
  }
}

void transform_output(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                      std::int64_t product_step, const float* products) {
  const std::int64_t across = WinogradInt8Tiles(args.shape).across;
  while (begin < end) {
    const std::int64_t x = begin % across;
    std::int64_t count = across - x < end - begin ? across - x : end - begin;
    if (count > kTilesTogether) count = kTilesTogether;
    finish_tiles(args, n, begin / across, x, static_cast<int>(count), product_step, products);
    begin += count;
    products += count * args.shape.out_c;
  }
}

constexpr WinogradInt8Kernel winograd_int8_kernel(Isa isa) {
  return {{"conv_int8_winograd", isa, true},
          conv_kernel({"conv_int16_direct", isa, true}, run_conv<ConvArgs>),
          transform_input,
          transform_output};
}

}  // namespace
}  // namespace saker
