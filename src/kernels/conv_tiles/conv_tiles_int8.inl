// The convolution by tiles over a Tiles, one 2x2 arrangement of them:
//   begin(), end()                   around a job: the thread's state of the unit
//   start(first)                     sums of all positions = first[0..16), first[16..32) by output
//   add(a, step, b)                  + 32 positions, `step` bytes apart, times two tiles of weights
//   store(sums)                      [32][32] int32
// Include after one vec_*.h, the bytes_*.h for it, and Tiles.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/conv_tiles/conv_tiles_int8.h"
// (what follows the sums, over Tile and bytes)
#include "kernels/conv_int8/finish.inl"

namespace saker {
namespace {

struct PanelWriter {
  const ConvInt8Args& args;
  const TilesForm form;
  std::int64_t n;

  // Pixel x of a row, or the zero points.
  const std::uint8_t* pixel(const float* row, std::int64_t x) const {
    const bool inside = row != nullptr && x >= 0 && x < args.shape.in_w;
    return reinterpret_cast<const std::uint8_t*>(inside ? row + x * args.src_at.x_step : args.zeros);
  }

  void copy(const std::uint8_t* from, std::uint8_t* to) const {
    const std::int64_t bytes = form.pixel_bytes;
    std::int64_t i = 0;
    for (; i + 16 <= bytes; i += 16) __builtin_memcpy(to + i, from + i, 16);
    for (; i < bytes; i += kInt8Quad) __builtin_memcpy(to + i, from + i, kInt8Quad);
  }

  void shifted_row(const float* row, std::uint8_t* to) const {
    for (std::int64_t x = 0; x < form.columns; ++x, to += form.position_bytes())
      copy(pixel(row, x - args.shape.pad_left), to);
  }

  void gathered_row(const float* row, std::uint8_t* to) const {
    const ConvShape& s = args.shape;
    for (std::int64_t x = 0; x < form.columns; ++x, to += form.position_bytes()) {
      for (std::int64_t q = 0; q < s.kernel_w; ++q)
        copy(pixel(row, x * s.stride_w - s.pad_left + q * s.dilation_w), to + form.tap_at(q));
    }
  }

  // Row j of the panel is row top + j of the picture.
  void write(std::int64_t top, std::int64_t rows, std::int64_t phase_rows, std::uint8_t* panel) const {
    const ConvShape& s = args.shape;
    for (std::int64_t j = 0; j < rows; ++j) {
      const std::int64_t y = top + j;
      const bool inside = y >= 0 && y < s.in_h;
      const float* row = inside ? args.src + n * args.src_at.n_step + y * args.src_at.y_step : nullptr;
      std::uint8_t* to = panel + tiles_row_at(form, s.stride_h, phase_rows, j);
      form.shifted ? shifted_row(row, to) : gathered_row(row, to);
    }
  }
};

// Where each step's chunk stands, seen from the position, in bytes.
inline void set_offsets(const ConvShape& s, const TilesForm& form, std::int64_t phase_rows, std::int64_t* offsets) {
  const std::int64_t of_row = form.steps / s.kernel_h;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    const std::int64_t row = tiles_row_at(form, s.stride_h, phase_rows, r * s.dilation_h);
    for (std::int64_t k = 0; k < of_row; ++k) *offsets++ = row + k * kTileBytes;
  }
}

// Sums of 32 positions whose results are still to be made, some at a time.
struct Unfinished {
  alignas(64) std::int32_t sums[kTilesBlock][kTilesBlock];
  std::int64_t position = 0, last = 0;  // of the job; sums[0] is that of `first`
  std::int64_t first = 0, block = 0;
};

struct Finisher {
  const ConvInt8Args& args;
  const TilesJob& job;
  std::int64_t columns;

  // The next positions, at most `most` of one row. False: there are none.
  bool some(Unfinished& of, std::int64_t most) const {
    if (of.position >= of.last) return false;
    const ConvShape& s = args.shape;
    const std::int64_t y = of.position / columns, x = of.position % columns;
    std::int64_t count = of.last - of.position < most ? of.last - of.position : most;
    if (count > columns - x) count = columns - x;
    const std::int64_t real = s.out_w - x < count ? s.out_w - x : count;
    if (real > 0) {
      const std::int64_t first_channel = of.block * kTilesBlock, left = s.out_c - first_channel;
      const Tile tile{job.begin + y, x, static_cast<int>(real)};
      finish_tile(args, job.picture, tile, first_channel,
                  reinterpret_cast<const float*>(of.sums[of.position - of.first]), kTilesBlock,
                  static_cast<int>(left < kTilesBlock ? left : kTilesBlock));
    }
    of.position += count;
    return true;
  }
};

// Positions that are finished between two steps: as many as have their bytes stored together; and without steps.
constexpr std::int64_t kFinishedBetween = 4, kFinishedAtOnce = 8;

template <typename Tiles>
void run_tiles(const ConvInt8Args& args, const TilesJob& job) {
  const ConvShape& s = args.shape;
  const TilesForm form = tiles_form(s);
  const std::int64_t rows = job.end - job.begin, phase_rows = tiles_phase_rows(s, rows);
  const PanelWriter writer{args, form, job.picture};
  writer.write(job.begin * s.stride_h - s.pad_top, (rows - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1,
               phase_rows, job.panel);
  std::int64_t offsets[kTilesMostSteps];
  set_offsets(s, form, phase_rows, offsets);
  const std::int64_t positions = rows * form.columns, step_bytes = form.position_bytes();
  const Finisher finisher{args, job, form.columns};
  Unfinished unfinished[2];
  int current = 0;
  Tiles tiles;
  tiles.begin();
  for (std::int64_t block = job.first_block; block < job.last_block; ++block) {
    const float* weights = args.weights + block * form.steps * kTilesBlock * kTileRows;
    for (std::int64_t first = 0; first < positions; first += kTilesBlock, current ^= 1) {
      Unfinished& before = unfinished[current ^ 1];
      const std::uint8_t* at = job.panel + first * step_bytes;
      tiles.start(args.bias + block * kTilesBlock);
      for (std::int64_t k = 0; k < form.steps; ++k) {
        tiles.add(at + offsets[k], step_bytes, weights + k * kTilesBlock * kTileRows);
        finisher.some(before, kFinishedBetween);
      }
      while (finisher.some(before, kFinishedAtOnce)) {
      }
      Unfinished& own = unfinished[current];
      tiles.store(own.sums[0]);
      own.position = own.first = first;
      own.last = positions - first < kTilesBlock ? positions : first + kTilesBlock;
      own.block = block;
    }
  }
  tiles.end();
  while (finisher.some(unfinished[current ^ 1], kFinishedAtOnce)) {
  }
}

}  // namespace
}  // namespace saker
