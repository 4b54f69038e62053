// The convolution of triples.h, compiled once per ISA level. Include after one vec_*.h, the bytes_*.h and lanes_*.h for
// it, and a multiply_add of four bytes.
#pragma once

#include "kernels/conv_int8/finish_values.inl"
#include "kernels/depthwise_int8/triples.h"
#include "kernels/window.h"

namespace saker {
namespace {

// Of a layer and a picture.
struct TriplesWalk {
  TriplesWalk(const ConvInt8Args& args, std::int64_t n)
      : s(args.shape),
        lanes(s.out_c / kTriplesLane),
        triples(triples_of_row(s)),
        src(reinterpret_cast<const std::uint8_t*>(args.src + n * args.src_at.n_step)),
        zeros(reinterpret_cast<const std::uint8_t*>(args.zeros)),
        y_step(args.src_at.y_step * kInt8Quad),
        x_step(args.src_at.x_step * kInt8Quad),
        dst(args.dst_bytes + n * args.dst_at.n_step),
        columns(inside_taps(-s.pad_left, s.out_w, s.stride_w, s.in_w - (s.kernel_w - 1) * s.dilation_w)),
        fills_blocks(lanes % Lanes::kCount == 0) {
    one_load = fills_blocks || (s.stride_w == 1 && x_step == s.out_c);
    one_store = fills_blocks || args.dst_at.x_step == s.out_c;
    std::int64_t t = 0;
    for (std::int64_t r = 0; r < s.kernel_h; ++r) {
      for (std::int64_t c = 0; c < 3 * triples; ++c, ++t) {
        column[t] = (c < s.kernel_w ? c : s.kernel_w - 1) * s.dilation_w;
        offset[t] = r * s.dilation_h * y_step + column[t] * x_step;
      }
    }
  }

  const ConvShape& s;
  std::int64_t lanes, triples;  // of a pixel, of a row of the kernel
  const std::uint8_t *src, *zeros;
  std::int64_t y_step, x_step;  // of src, bytes
  std::uint8_t* dst;
  Range columns;                                                    // of results, whose taps are all inside the picture
  bool fills_blocks;                                                // each block is of one pixel
  bool one_load, one_store;                                         // a block's lanes are neighbours in memory
  std::int64_t offset[3 * kMostTriples], column[3 * kMostTriples];  // of taps; behind a row's last that once more
};

// A place in a row of results.
struct LaneAt {
  std::int64_t x, lane;
  inline void advance(std::int64_t by, std::int64_t of_pixel) {
    for (lane += by; lane >= of_pixel; lane -= of_pixel) ++x;
  }
};

// A row of results. start: of the input row at the kernel's first, bytes behind src; negative above the picture.
// triples: of all the kernel's, [kernel_h][triples of a row], those whose rows are inside.
struct TriplesRow {
  std::int64_t start;
  Range triples;
  const float* starts;
  std::uint8_t* dst;
};

// A block: its first lane, the lanes left in the row (its own and those behind), where its parameters are packed.
struct TriplesBlock {
  LaneAt at;
  std::int64_t count, packed;
};

// A lane's inputs at a tap: outside the picture the zero points.
inline const std::uint8_t* tap_of(const TriplesWalk& walk, const TriplesRow& row, const LaneAt& at, std::int64_t t) {
  const std::int64_t x = at.x * walk.s.stride_w - walk.s.pad_left;
  const bool inside = x + walk.column[t] >= 0 && x + walk.column[t] < walk.s.in_w;
  return (inside ? walk.src + (row.start + x * walk.x_step + walk.offset[t]) : walk.zeros) + at.lane * kTriplesLane;
}

// tap(t): the block's inputs at a tap.
template <typename Tap>
__attribute__((always_inline)) inline void sum_triples(const ConvInt8Args& args, const TriplesWalk& walk,
                                                       const TriplesRow& row, std::int64_t packed, Tap&& tap,
                                                       Vec (&acc)[4]) {
  const std::int64_t last = row.triples.last;
  const float* weights =
      args.weights + packed * args.shape.kernel_h * walk.triples + row.triples.first * 4 * Vec::kWidth;
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) acc[j] = Vec::load(row.starts + packed + j * Vec::kWidth);
  for (std::int64_t t = row.triples.first; t < last; ++t, weights += 4 * Vec::kWidth) {
    Vec x[4];
    Lanes::interleave(tap(3 * t), tap(3 * t + 1), tap(3 * t + 2), x);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) acc[j] = multiply_add(x[j], Vec::load(weights + j * Vec::kWidth), acc[j]);
  }
}

template <ActivationKind kKind, bool kScaled>
__attribute__((always_inline)) inline Lanes::Bytes finish_triples(const ConvInt8Args& args, std::int64_t packed,
                                                                  const Vec (&acc)[4]) {
  Vec v[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const ValueFinish<kKind, kScaled, false> values(
        args, [&](const float* p) { return Vec::load(p + packed + j * Vec::kWidth); });
    v[j] = values(from_integers(acc[j]), Vec::broadcast(0));
  }
  return pack_lanes(v);
}

inline void store_apart(const ConvInt8Args& args, const TriplesWalk& walk, const TriplesRow& row,
                        const TriplesBlock& block, Lanes::Bytes bytes) {
  alignas(64) std::uint8_t lanes[4 * Vec::kWidth];
  Lanes::store(bytes, lanes);
  LaneAt at = block.at;
  for (int i = 0; i < block.count && i < Lanes::kCount; ++i, at.advance(1, walk.lanes))
    __builtin_memcpy(row.dst + at.x * args.dst_at.x_step + at.lane * kTriplesLane, lanes + i * kTriplesLane,
                     kTriplesLane);
}

// A block whose lanes are read one by one: of pixels with fewer lanes than a block, where those are apart in memory, at
// the border, and at the end of a row.
template <ActivationKind kKind, bool kScaled>
__attribute__((noinline)) void run_apart(const ConvInt8Args& args, const TriplesWalk& walk, const TriplesRow& row,
                                         const TriplesBlock& block) {
  LaneAt at[Lanes::kCount] = {block.at};
  for (int i = 1; i < Lanes::kCount; ++i) {
    at[i] = at[i - 1];
    if (i < block.count) at[i].advance(1, walk.lanes);
  }
  Vec acc[4];
  sum_triples(
      args, walk, row, block.packed,
      [&](std::int64_t t) {
        const std::uint8_t* from[Lanes::kCount];
        for (int i = 0; i < Lanes::kCount; ++i) from[i] = tap_of(walk, row, at[i], t);
        return Lanes::gather(from);
      },
      acc);
  store_apart(args, walk, row, block, finish_triples<kKind, kScaled>(args, block.packed, acc));
}

// Results x of [first, last) in row y.
template <ActivationKind kKind, bool kScaled>
void run_row(const ConvInt8Args& args, const TriplesWalk& walk, std::int64_t y, std::int64_t first, std::int64_t last) {
  const ConvShape& s = walk.s;
  const std::int64_t top = y * s.stride_h - s.pad_top;
  const Range rows = inside_taps(top, s.kernel_h, s.dilation_h, s.in_h);
  const TriplesRow row{top * walk.y_step,
                       {rows.first * walk.triples, rows.last * walk.triples},
                       args.bias + conv_int8_start_set(s.kernel_h, rows.first, rows.last) * args.start_step,
                       walk.dst + y * args.dst_at.y_step};
  TriplesBlock block{{first, 0}, (last - first) * walk.lanes, 0};
  for (; block.count > 0; block.count -= Lanes::kCount) {
    LaneAt behind = block.at;
    behind.advance(Lanes::kCount, walk.lanes);
    const std::int64_t end = behind.lane == 0 ? behind.x : behind.x + 1;
    const bool inside = block.at.x >= walk.columns.first && end <= walk.columns.last;
    if (walk.one_load && block.count >= Lanes::kCount && (inside || walk.fills_blocks)) {
      const std::int64_t lane = block.at.lane * kTriplesLane;
      const std::int64_t from = row.start + (block.at.x * s.stride_w - s.pad_left) * walk.x_step + lane;
      Vec acc[4];
      if (inside) {
        sum_triples(
            args, walk, row, block.packed,
            [&](std::int64_t t) { return Lanes::load(walk.src + (from + walk.offset[t])); }, acc);
      } else {
        sum_triples(
            args, walk, row, block.packed, [&](std::int64_t t) { return Lanes::load(tap_of(walk, row, block.at, t)); },
            acc);
      }
      const Lanes::Bytes bytes = finish_triples<kKind, kScaled>(args, block.packed, acc);
      if (walk.one_store) {
        Lanes::store(bytes, row.dst + block.at.x * args.dst_at.x_step + lane);
      } else {
        store_apart(args, walk, row, block, bytes);
      }
    } else {
      run_apart<kKind, kScaled>(args, walk, row, block);
    }
    block.at = behind;
    block.packed = block.packed + 4 * Vec::kWidth < args.start_step ? block.packed + 4 * Vec::kWidth : 0;
  }
}

void run_triples(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end) {
  const TriplesWalk walk(args, n);
  const std::int64_t width = args.shape.out_w;
  with_exact_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    std::int64_t y = begin / width, x = begin % width;
    for (std::int64_t left = end - begin; left > 0; ++y, x = 0) {
      const std::int64_t last = left < width - x ? x + left : width;
      const auto run = args.finish.out_scale == nullptr ? run_row<kKind, false> : run_row<kKind, true>;
      run(args, walk, y, x, last);
      left -= last - x;
    }
  });
}

}  // namespace
}  // namespace saker
