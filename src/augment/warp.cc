// Source coordinates are fixed-point, 16 fractional bits, stepped along each row. The part of a row that lies inside
// the source is found first, so that the loop over it asks nothing.
#include "augment/warp.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace saker::augment {
namespace {

constexpr int kBits = 16;
constexpr std::int64_t kOne = std::int64_t{1} << kBits;

std::int64_t fixed(double value) {
  constexpr double kFar = 1e9;  // beyond every picture
  return static_cast<std::int64_t>(std::lrint(std::clamp(value, -kFar, kFar) * static_cast<double>(kOne)));
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {  // b > 0
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

struct Columns {
  int first = 0, end = 0;
};

// Those of `within` where low <= start + step * x <= high.
Columns columns_where(std::int64_t start, std::int64_t step, std::int64_t low, std::int64_t high, Columns within) {
  if (step == 0) return start >= low && start <= high ? within : Columns{within.first, within.first};
  if (step < 0) return columns_where(-start, -step, -high, -low, within);
  const std::int64_t first = -floor_div(start - low, step), end = floor_div(high - start, step) + 1;
  Columns columns = {static_cast<int>(std::clamp<std::int64_t>(first, within.first, within.end)),
                     static_cast<int>(std::clamp<std::int64_t>(end, within.first, within.end))};
  columns.end = std::max(columns.first, columns.end);
  return columns;
}

// Of a pixel in the low 24 bits the three values, 16 bits apart.
std::uint64_t spread(std::uint32_t pixel) {
  return (pixel & 0xFF00FFU) | static_cast<std::uint64_t>(pixel & 0xFF00U) << 24;
}

std::uint32_t load4(const std::uint8_t* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, 4);
  return value;
}

struct Weights {
  std::uint32_t left_top = 0, right_top = 0, left_bottom = 0, right_bottom = 0;  // sum 256
};

Weights weights_at(std::int64_t x, std::int64_t y) {
  const auto fx = static_cast<std::uint32_t>(x >> (kBits - 8)) & 255U;
  const auto fy = static_cast<std::uint32_t>(y >> (kBits - 8)) & 255U;
  const std::uint32_t both = (fx * fy + 128) >> 8;
  return {256 - fx - fy + both, fx - both, fy - both, both};
}

void store(std::uint64_t sums, std::uint8_t* out) {
  sums += 0x0080'0080'0080U;
  out[0] = static_cast<std::uint8_t>(sums >> 8);
  out[1] = static_cast<std::uint8_t>(sums >> 40);
  out[2] = static_cast<std::uint8_t>(sums >> 24);
}

// All four pixels are inside. The right one's three bytes are the upper ones of a load one byte to its left, so that
// nothing behind the row is read.
void blend_inside(const ImageView& source, std::int64_t x, std::int64_t y, std::uint8_t* out) {
  const std::uint8_t* top = source.data + (y >> kBits) * source.stride_bytes + (x >> kBits) * 3;
  const std::uint8_t* bottom = top + source.stride_bytes;
  const Weights w = weights_at(x, y);
  store(spread(load4(top)) * w.left_top + spread(load4(top + 2) >> 8) * w.right_top +
            spread(load4(bottom)) * w.left_bottom + spread(load4(bottom + 2) >> 8) * w.right_bottom,
        out);
}

void blend_at_border(const ImageView& source, std::int64_t x, std::int64_t y, std::uint8_t* out) {
  const std::int64_t left = x >> kBits, top = y >> kBits;
  const auto pixel = [&](std::int64_t px, std::int64_t py) -> std::uint64_t {
    if (px < 0 || px >= source.width || py < 0 || py >= source.height) return kBackground * 0x0001'0001'0001U;
    const std::uint8_t* p = source.data + py * source.stride_bytes + px * 3;
    return spread(p[0] | static_cast<std::uint32_t>(p[1]) << 8 | static_cast<std::uint32_t>(p[2]) << 16);
  };
  const Weights w = weights_at(x, y);
  store(pixel(left, top) * w.left_top + pixel(left + 1, top) * w.right_top + pixel(left, top + 1) * w.left_bottom +
            pixel(left + 1, top + 1) * w.right_bottom,
        out);
}

void fill(std::uint8_t* out, Columns columns) {
  std::memset(out + 3 * columns.first, kBackground, static_cast<std::size_t>(columns.end - columns.first) * 3);
}

void warp_affine(const ImageView& source, const Matrix& m, ImageSize result, std::uint8_t* out) {
  const std::int64_t step_x = fixed(m[0]), step_y = fixed(m[3]);
  const std::int64_t width = source.width * kOne, height = source.height * kOne;
  for (int row = 0; row < result.height; ++row, out += std::ptrdiff_t{3} * result.width) {
    const std::int64_t x0 = fixed(m[1] * row + m[2]), y0 = fixed(m[4] * row + m[5]);
    const Columns all = {0, result.width};
    // Touched by the source at all, and with all four pixels inside.
    Columns touched = columns_where(x0, step_x, -kOne + 1, width - 1, all);
    touched = columns_where(y0, step_y, -kOne + 1, height - 1, touched);
    Columns inside = columns_where(x0, step_x, 0, width - kOne - 1, touched);
    inside = columns_where(y0, step_y, 0, height - kOne - 1, inside);

    fill(out, {0, touched.first});
    for (int i = touched.first; i < inside.first; ++i)
      blend_at_border(source, x0 + i * step_x, y0 + i * step_y, out + 3 * i);
    for (int i = inside.first; i < inside.end; ++i) blend_inside(source, x0 + i * step_x, y0 + i * step_y, out + 3 * i);
    for (int i = inside.end; i < touched.end; ++i)
      blend_at_border(source, x0 + i * step_x, y0 + i * step_y, out + 3 * i);
    fill(out, {touched.end, result.width});
  }
}

void warp_perspective(const ImageView& source, const Matrix& m, ImageSize result, std::uint8_t* out) {
  constexpr double kBehind = 1e-9;  // no picture there
  for (int row = 0; row < result.height; ++row) {
    for (int column = 0; column < result.width; ++column, out += 3) {
      const double w = m[6] * column + m[7] * row + m[8];
      const double x = (m[0] * column + m[1] * row + m[2]) / w, y = (m[3] * column + m[4] * row + m[5]) / w;
      if (w > kBehind && x > -1 && y > -1 && x < source.width && y < source.height) {
        blend_at_border(source, fixed(x), fixed(y), out);
      } else {
        fill(out, {0, 1});
      }
    }
  }
}

}  // namespace

void warp(const ImageView& source, const Matrix& inverse, ImageSize result, std::uint8_t* out) {
  if (inverse[6] == 0 && inverse[7] == 0 && inverse[8] == 1) {
    warp_affine(source, inverse, result, out);
  } else {
    warp_perspective(source, inverse, result, out);
  }
}

ImageView compose(std::span<const Tile> tiles, ImageSize canvas, std::vector<std::uint8_t>& pixels) {
  const std::size_t row_bytes = static_cast<std::size_t>(canvas.width) * 3;
  pixels.assign(row_bytes * static_cast<std::size_t>(canvas.height), kBackground);
  for (const Tile& tile : tiles) {
    const int x0 = std::max(tile.x, 0), x1 = std::min(tile.x + tile.picture.width, canvas.width);
    const int y0 = std::max(tile.y, 0), y1 = std::min(tile.y + tile.picture.height, canvas.height);
    for (int y = y0; y < y1 && x0 < x1; ++y) {
      const std::uint8_t* from = tile.picture.data + (y - tile.y) * tile.picture.stride_bytes + (x0 - tile.x) * 3;
      std::uint8_t* to = pixels.data() + static_cast<std::size_t>(y) * row_bytes + static_cast<std::size_t>(x0) * 3;
      std::memcpy(to, from, static_cast<std::size_t>(x1 - x0) * 3);
    }
  }
  return {pixels.data(), canvas.width, canvas.height, std::ptrdiff_t{3} * canvas.width, PixelFormat::kRgb, {}};
}

}  // namespace saker::augment
