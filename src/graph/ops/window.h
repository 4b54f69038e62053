// Sliding windows: the geometry that Conv, ConvTranspose and the pools share.
#pragma once

#include "graph/ops/common.h"

namespace saker::ops {

// One entry per spatial axis. Output position o reads input positions o * stride - before + k *
// dilation for k in [0, kernel), of which only those in [0, in) exist.
struct Window {
  Shape in, out, kernel, stride, dilation, before, after;
};

// A range of positions, empty when begin >= end.
struct Span {
  std::int64_t begin = 0, end = 0;
};

// The attributes with their defaults, checked; `in` is given, `out` stays empty.
Result<Window> read_window(const WindowAttrs& attrs, Shape in, Shape kernel);

// Also the pads of auto_pad and the output extents of a convolution or a pool.
Result<Window> plan_window(const WindowAttrs& attrs, Shape in, Shape kernel, bool ceil_mode);

// The k for which start + k * dilation lies in [0, extent).
Span taps_inside(std::int64_t start, std::int64_t dilation, std::int64_t kernel, std::int64_t extent);

}  // namespace saker::ops
