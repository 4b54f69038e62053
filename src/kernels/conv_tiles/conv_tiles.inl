// The convolution by tiles over
//   Tiles         one 2x2 arrangement of them:
//     begin(), end()                   around a job: the thread's state of the unit
//     start(first)                     sums of all positions = first[0..16), first[16..32) by output
//     add(a, step, b)                  + 32 positions, `step` bytes apart, times two tiles of weights
//     store(sums)                      [32][32] int32 or float32
//   Pixels        where a panel's words come from; made of (args, picture):
//     shape()                          in words
//     row(y)                           of the picture; null outside
//     copy(row, x, to)                 a pixel's words; beside the row, or of none, what counts as zero
//     kClears                          whether what weights of zero meet must be zero too: it might be no number
//   finish_tile   what follows the sums
// Include after one vec_*.h and all of these.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/conv_tiles/tiles_form.h"

namespace saker {
namespace {

template <typename Pixels>
struct PanelWriter {
  const Pixels& pixels;
  const ConvShape& s;
  const TilesForm& form;

  template <typename Row>
  void shifted_row(Row row, std::uint8_t* to) const {
    for (std::int64_t x = 0; x < form.columns; ++x, to += form.position_bytes()) pixels.copy(row, x - s.pad_left, to);
  }

  template <typename Row>
  void gathered_row(Row row, std::uint8_t* to) const {
    for (std::int64_t x = 0; x < form.columns; ++x, to += form.position_bytes()) {
      for (std::int64_t q = 0; q < s.kernel_w; ++q)
        pixels.copy(row, x * s.stride_w - s.pad_left + q * s.dilation_w, to + form.tap_at(q));
    }
  }

  // Row j of the panel is row top + j of the picture.
  void write(std::int64_t top, std::int64_t rows, std::int64_t phase_rows, std::uint8_t* panel) const {
    for (std::int64_t j = 0; j < rows; ++j) {
      const auto row = pixels.row(top + j);
      std::uint8_t* to = panel + tiles_row_at(form, s.stride_h, phase_rows, j);
      if (Pixels::kClears && !form.is_filled(s.kernel_w))
        __builtin_memset(to, 0, static_cast<std::size_t>(form.row_bytes()));
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
  alignas(64) float sums[kTilesBlock][kTilesBlock];
  std::int64_t position = 0, last = 0;  // of the job; sums[0] is that of `first`
  std::int64_t first = 0, block = 0;
};

template <typename Args>
struct Finisher {
  const Args& args;
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
      finish_tile(args, job.picture, tile, first_channel, of.sums[of.position - of.first], kTilesBlock,
                  static_cast<int>(left < kTilesBlock ? left : kTilesBlock));
    }
    of.position += count;
    return true;
  }
};

// Positions that are finished between two steps: as many as have their bytes stored together; and without steps.
constexpr std::int64_t kFinishedBetween = 4, kFinishedAtOnce = 8;

template <typename Tiles, typename Pixels, typename Args>
void run_tiles(const Args& args, const TilesJob& job) {
  const Pixels pixels(args, job.picture);
  const ConvShape s = pixels.shape();
  const TilesForm form = tiles_form(s);
  const std::int64_t rows = job.end - job.begin, phase_rows = tiles_phase_rows(s, rows);
  const PanelWriter<Pixels> writer{pixels, s, form};
  writer.write(job.begin * s.stride_h - s.pad_top, (rows - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1,
               phase_rows, job.panel);
  std::int64_t offsets[kTilesMostSteps];
  set_offsets(s, form, phase_rows, offsets);
  const std::int64_t positions = rows * form.columns, step_bytes = form.position_bytes();
  const Finisher<Args> finisher{args, job, form.columns};
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
