// Pixels to planes of cells and back. Include after one vec_*.h and the transpose_*.h for it, in kernel files only.
#pragma once

#include "kernels/conv_sparse/conv_sparse.h"
#include "kernels/window.h"

namespace saker {
namespace {

constexpr std::int64_t kCell = 4;  // bytes

// As many pixels, `step` floats apart, as a vector has lanes: as many of their cells to as many planes.
__attribute__((always_inline)) inline void block_to_planes(const float* pixels, std::int64_t step, float* plane,
                                                           std::int64_t plane_step) {
  constexpr int W = Vec::kWidth;
  Vec rows[W];
#pragma GCC unroll 16
  for (int p = 0; p < W; ++p) rows[p] = Vec::load(pixels + p * step);
  transpose(rows);
#pragma GCC unroll 16
  for (int k = 0; k < W; ++k) rows[k].store(plane + k * plane_step);
}

// `count` <= Vec::kWidth pixels, `step` floats apart, to as many neighbours in each plane.
inline void pixels_to_planes(const float* pixels, std::int64_t step, int count, std::int64_t cells, float* plane,
                             std::int64_t plane_step) {
  constexpr int W = Vec::kWidth;
  for (std::int64_t c = 0; c < cells; c += W, plane += W * plane_step) {
    const int own = cells - c < W ? static_cast<int>(cells - c) : W;
    if (count == W && own == W) {
      block_to_planes(pixels + c, step, plane, plane_step);
      continue;
    }
    Vec rows[W];
    for (int p = 0; p < W; ++p) {
      const float* pixel = pixels + (p < count ? p : 0) * step + c;
      rows[p] = own == W ? Vec::load(pixel) : Vec::load_n(pixel, own);
    }
    transpose(rows);
    for (int k = 0; k < own; ++k)
      count == W ? rows[k].store(plane + k * plane_step) : rows[k].store_n(plane + k * plane_step, count);
  }
}

// Columns [first, last) of one row of each plane: what lies outside the picture.
inline void fill_columns(const float* zeros, const SparsePlanes& planes, float* row, std::int64_t first,
                         std::int64_t last) {
  if (first >= last) return;
  for (std::int64_t c = 0; c < planes.cells; ++c) {
    for (std::int64_t x = first; x < last; ++x) row[c * planes.size + x] = zeros[c];
  }
}

// `row`: of the first plane of a phase. Picture row `src`, from column `start` on in steps of the stride.
inline void fill_row(const ConvArgs& args, const SparsePlanes& planes, const float* src, std::int64_t start,
                     std::int64_t width, float* row) {
  const ConvShape& s = args.shape;
  const Range inside = inside_taps(start, width, s.stride_w, s.in_w);
  fill_columns(args.zeros, planes, row, 0, inside.first);
  const std::int64_t step = s.stride_w * args.src_at.x_step;
  const float* pixels = src + start * args.src_at.x_step;
  for (std::int64_t x = inside.first; x < inside.last; x += Vec::kWidth) {
    const std::int64_t left = inside.last - x;
    pixels_to_planes(pixels + x * step, step, left < Vec::kWidth ? static_cast<int>(left) : Vec::kWidth, planes.cells,
                     row + x, planes.size);
  }
  fill_columns(args.zeros, planes, row, inside.last, width);
}

inline void fill_planes(const ConvArgs& args, const SparsePlanes& planes, const SparseJob& job, float* to) {
  const ConvShape& s = args.shape;
  const float* picture = args.src + job.n * args.src_at.n_step;
  const std::int64_t rows = planes.height - planes.rows + job.last_row - job.first_row;
  const bool one_row = s.taps() == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_left == 0 && s.pad_top == 0 &&
                       s.out_w == s.in_w && s.out_h <= s.in_h && args.src_at.y_step == s.in_w * args.src_at.x_step;
  if (one_row) {
    ConvArgs flat = args;
    flat.shape.in_w = rows * planes.pitch;
    return fill_row(flat, planes, picture + job.first_row * args.src_at.y_step, 0, flat.shape.in_w, to);
  }
  for (std::int64_t phase_y = 0; phase_y < planes.phases_h; ++phase_y) {
    for (std::int64_t phase_x = 0; phase_x < planes.phases_w; ++phase_x, to += planes.cells * planes.size) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t y = (job.first_row + i) * s.stride_h - s.pad_top + phase_y;
        float* row = to + i * planes.pitch;
        if (y < 0 || y >= s.in_h) {
          fill_columns(args.zeros, planes, row, 0, planes.pitch);
        } else {
          fill_row(args, planes, picture + y * args.src_at.y_step, phase_x - s.pad_left, planes.pitch, row);
        }
      }
    }
  }
}

// A tile of results: places in the job's planes [first, first + vectors * width).
struct SparseTile {
  std::int64_t first;
  int vectors;
  int stage;  // between two staged cells
};

// The pixels of a picture that a job writes or reads, in bytes.
struct PixelBytes {
  std::uint8_t* data;  // of the job's first row and channel
  std::int64_t y_step, x_step;
  std::int64_t bytes;  // of a pixel
};

// body(lane of the tile, the pixel's bytes) for each that is one.
template <typename Body>
inline void for_each_pixel(const SparseTile& tile, int vector, const SparsePlanes& planes, std::int64_t rows,
                           std::int64_t width, const PixelBytes& pixels, Body&& body) {
  const std::int64_t place = tile.first + static_cast<std::int64_t>(vector) * Vec::kWidth;
  std::int64_t y = place / planes.pitch, x = place % planes.pitch;
  for (int lane = 0; lane < Vec::kWidth && y < rows; ++lane) {
    if (x < width) body(lane, pixels.data + y * pixels.y_step + x * pixels.x_step);
    if (++x == planes.pitch) {
      x = 0;
      ++y;
    }
  }
}

// staged[cell * stage + place] -> pixels.
inline void unstage(const float* staged, const SparseTile& tile, const SparsePlanes& planes, std::int64_t rows,
                    std::int64_t width, const PixelBytes& pixels) {
  constexpr int W = Vec::kWidth;
  constexpr std::int64_t kBytes = W * kCell;
  for (std::int64_t byte = 0; byte < pixels.bytes; byte += kBytes, staged += W * tile.stage) {
    const std::int64_t left = pixels.bytes - byte;
    const int cells = left < kBytes ? static_cast<int>((left + kCell - 1) / kCell) : W;
    for (int v = 0; v < tile.vectors; ++v) {
      Vec r[W];
      for (int k = 0; k < W; ++k) r[k] = Vec::load(staged + (k < cells ? k : 0) * tile.stage + v * W);
      transpose(r);
      const std::int64_t place = tile.first + static_cast<std::int64_t>(v) * W;
      const std::int64_t y = place / planes.pitch, x = place % planes.pitch;
      if (left >= kBytes && x + W <= width && y < rows) {  // neighbours in one row
        std::uint8_t* to = pixels.data + y * pixels.y_step + x * pixels.x_step + byte;
#pragma GCC unroll 16
        for (int k = 0; k < W; ++k) r[k].store(reinterpret_cast<float*>(to + k * pixels.x_step));
        continue;
      }
      for_each_pixel(tile, v, planes, rows, width, pixels, [&](int lane, std::uint8_t* to) {
        left < kBytes ? store_some(r[lane], to + byte, left) : r[lane].store(reinterpret_cast<float*>(to + byte));
      });
    }
  }
}

// And back; lanes that are no pixel hold anything.
inline void stage(const PixelBytes& pixels, const SparseTile& tile, const SparsePlanes& planes, std::int64_t rows,
                  std::int64_t width, float* staged) {
  constexpr int W = Vec::kWidth;
  constexpr std::int64_t kBytes = W * kCell;
  for (std::int64_t byte = 0; byte < pixels.bytes; byte += kBytes, staged += W * tile.stage) {
    const std::int64_t left = pixels.bytes - byte;
    const int cells = left < kBytes ? static_cast<int>((left + kCell - 1) / kCell) : W;
    for (int v = 0; v < tile.vectors; ++v) {
      Vec r[W];
      for (int k = 0; k < W; ++k) r[k] = Vec::broadcast(0);
      for_each_pixel(tile, v, planes, rows, width, pixels, [&](int lane, std::uint8_t* from) {
        r[lane] = left < kBytes ? load_some(from + byte, left) : Vec::load(reinterpret_cast<const float*>(from + byte));
      });
      transpose(r);
      for (int k = 0; k < cells; ++k) r[k].store(staged + k * tile.stage + v * W);
    }
  }
}

}  // namespace
}  // namespace saker
