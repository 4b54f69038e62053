// Walks output pixels row by row in tiles of at most P neighbours, and hands each tile its inputs.
// Shared by the convolution and depthwise bodies; include after one vec_*.h, in kernel files only.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/window.h"

namespace saker {
namespace {

// Neighbours in one output row: pixels (y, x) to (y, x + count - 1).
struct Tile {
  std::int64_t y, x;
  int count;
};

// Where a tile's inputs are, for those taps whose rows lie inside the picture: `count` runs of `depth` floats, the
// weights of which begin `first` input values into the filter.
//   inside:  run t of pixel p is at base + offset[t] + p*step.
//   else, at the left and right border: at pointer[t*P + p], which may be the row of zeros.
template <int P>
struct Taps {
  Range rows;  // of the kernel
  const float* base;
  const std::int64_t* offset;
  std::int64_t step;
  const float* pointer[kConvMaxTaps * P];
  std::int64_t count, depth, first;
};

// How the walk sees a layer: the runs of floats that one tap row is made of.
struct Runs {
  std::int64_t per_row;  // runs of a tap row
  std::int64_t depth;    // floats of a run
  std::int64_t offset[kConvMaxTaps];
};

// Planar: a run is a kernel row in one plane. Else a run is a tap's channels, or, of neighbours without gap and
// dilation, a whole row of taps (merge_rows).
inline void set_runs(const ConvArgs& args, bool merge_rows, Runs& runs) {
  const ConvShape& s = args.shape;
  const bool planar = args.src_c_step != 1;
  const bool merged = merge_rows && s.dilation_w == 1 && args.src_at.x_step == s.in_c;
  runs.per_row = planar ? s.in_c : merged ? 1 : s.kernel_w;
  runs.depth = planar ? s.kernel_w : merged ? s.kernel_w * s.in_c : s.in_c;
  const std::int64_t step = planar ? args.src_c_step : s.dilation_w * args.src_at.x_step;
  std::int64_t t = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < runs.per_row; ++q) runs.offset[t++] = r * s.dilation_h * args.src_at.y_step + q * step;
  }
}

// A picture whose pixels follow one another without gaps is one long row to a 1x1 kernel.
template <typename Args>
inline Args with_long_rows(const Args& args) {
  const ConvShape& s = args.shape;
  const auto gapless = [&](const ImageStrides& at) { return at.y_step == s.out_w * at.x_step; };
  if (s.taps() != 1 || s.stride_h != 1 || s.stride_w != 1 || s.pad_top != 0 || s.pad_left != 0 || s.in_w != s.out_w ||
      s.in_h < s.out_h || !gapless(args.src_at) || !gapless(args.dst_at) || !gapless(args.residual_at)) {
    return args;
  }
  Args flat = args;
  flat.shape.in_w = flat.shape.out_w = s.out_h * s.out_w;
  flat.shape.in_h = flat.shape.out_h = 1;
  return flat;
}

template <int P>
inline void set_border_pointers(const ConvArgs& args, const float* src, const Tile& tile, Range rows, Taps<P>& taps) {
  const ConvShape& s = args.shape;
  taps.depth = s.in_c;
  taps.count = (rows.last - rows.first) * s.kernel_w;
  const float** to = taps.pointer;
  for (std::int64_t r = rows.first; r < rows.last; ++r) {
    const float* row = src + (tile.y * s.stride_h - s.pad_top + r * s.dilation_h) * args.src_at.y_step;
    for (std::int64_t q = 0; q < s.kernel_w; ++q, to += P) {
      for (int p = 0; p < tile.count; ++p) {
        const std::int64_t x = (tile.x + p) * s.stride_w - s.pad_left + q * s.dilation_w;
        to[p] = x >= 0 && x < s.in_w ? row + x * args.src_at.x_step : args.zeros;
      }
    }
  }
}

// What a tile at the border reads of the planes, with zeros around the picture: then it is like any other tile.
struct Patch {
  float values[kConvPatchFloats];
  std::int64_t offset[kConvMaxTaps];
};

// to[0..width): from[x] for x in [first, last), else 0.
inline void copy_between_zeros(const float* from, std::int64_t first, std::int64_t last, std::int64_t width,
                               float* to) {
  std::int64_t x = 0;
  for (; x < first; ++x) to[x] = 0;
  for (; x + Vec::kWidth <= last; x += Vec::kWidth) Vec::load(from + x).store(to + x);
  for (; x < last; ++x) to[x] = from[x];
  for (; x < width; ++x) to[x] = 0;
}

template <int P>
inline void set_border_patch(const ConvArgs& args, const float* src, const Tile& tile, Range rows, Patch& patch,
                             Taps<P>& taps) {
  const ConvShape& s = args.shape;
  const std::int64_t width = (tile.count - 1) * s.stride_w + s.kernel_w;
  const std::int64_t left = tile.x * s.stride_w - s.pad_left;
  const Range inside = inside_taps(left, width, 1, s.in_w);
  float* to = patch.values;
  taps.count = 0;
  for (std::int64_t r = rows.first; r < rows.last; ++r) {
    const float* row = src + (tile.y * s.stride_h - s.pad_top + r * s.dilation_h) * args.src_at.y_step + left;
    for (std::int64_t c = 0; c < s.in_c; ++c, row += args.src_c_step, to += width) {
      copy_between_zeros(row, inside.first, inside.last, width, to);
      patch.offset[taps.count++] = to - patch.values;
    }
  }
  taps.base = patch.values;
  taps.offset = patch.offset;
  taps.depth = s.kernel_w;
}

// Calls body(taps, tile, inside) for each tile of the pixels [begin, end), counted row by row. Tiles of planes are all
// inside. With `peel` pixels at the border get tiles of their own, where those cost more than others.
template <int P, typename Body>
inline void for_each_tile(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end, bool merge_rows,
                          bool peel, Body&& body) {
  const ConvShape& s = args.shape;
  const float* src = args.src + n * args.src_at.n_step;
  const bool planar = args.src_c_step != 1;
  Runs runs;
  set_runs(args, merge_rows, runs);
  Taps<P> taps;
  Patch patch;
  taps.step = s.stride_w * args.src_at.x_step;
  // Output columns [first, last) have all their taps inside the picture.
  const Range columns = inside_taps(-s.pad_left, s.out_w, s.stride_w, s.in_w - (s.kernel_w - 1) * s.dilation_w);
  std::int64_t y = begin / s.out_w;
  std::int64_t x = begin - y * s.out_w;
  for (std::int64_t left = end - begin; left > 0; ++y, x = 0) {
    const std::int64_t row_end = x + (left < s.out_w - x ? left : s.out_w - x);
    left -= row_end - x;
    const std::int64_t top = y * s.stride_h - s.pad_top;
    const Range rows = inside_taps(top, s.kernel_h, s.dilation_h, s.in_h);
    taps.rows = rows;
    taps.first = rows.first * s.kernel_w * s.in_c;
    while (x < row_end) {
      // Up to the next border, in tiles of nearly the same size rather than full ones and a rest.
      std::int64_t stretch_end = row_end;
      if (peel && x < columns.first && columns.first < row_end) stretch_end = columns.first;
      if (peel && x >= columns.first && x < columns.last && columns.last < row_end) stretch_end = columns.last;
      const std::int64_t width = stretch_end - x;
      const std::int64_t tiles = (width + P - 1) / P, count = width / tiles, longer = width % tiles;
      for (std::int64_t t = 0; t < tiles; ++t) {
        const Tile tile{y, x, static_cast<int>(t < longer ? count + 1 : count)};
        x += tile.count;
        const bool inside = tile.x >= columns.first && x <= columns.last;
        if (inside) {
          taps.base = src + top * args.src_at.y_step + (tile.x * s.stride_w - s.pad_left) * args.src_at.x_step;
          taps.offset = runs.offset + rows.first * runs.per_row;
          taps.count = (rows.last - rows.first) * runs.per_row;
          taps.depth = runs.depth;
        } else if (planar) {
          set_border_patch(args, src, tile, rows, patch, taps);
        } else {
          set_border_pointers(args, src, tile, rows, taps);
        }
        body(taps, tile, inside || planar);
      }
    }
  }
}

}  // namespace
}  // namespace saker
