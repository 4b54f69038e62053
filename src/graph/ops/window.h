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

// The taps of the window at position o of an axis that lie on the input.
inline Span taps_at(const Window& w, std::size_t axis, std::int64_t o) {
  return taps_inside(o * w.stride[axis] - w.before[axis], w.dilation[axis], w.kernel[axis], w.in[axis]);
}

// Calls tap(offset in the plane) for each position of the input under the window at `index`.
template <typename F>
void each_tap(const Window& w, const Shape& strides, const Shape& index, std::size_t axis, std::int64_t offset,
              F&& tap) {
  if (axis == index.size()) {
    tap(offset);
    return;
  }
  const Span span = taps_at(w, axis, index[axis]);
  const std::int64_t start = index[axis] * w.stride[axis] - w.before[axis];
  for (std::int64_t k = span.begin; k < span.end; ++k)
    each_tap(w, strides, index, axis + 1, offset + (start + k * w.dilation[axis]) * strides[axis], tap);
}

}  // namespace saker::ops
