// Sliding windows: the geometry that Conv, ConvTranspose and the pools share.
#pragma once

#include "graph/ops/common.h"
#include "graph/ops/loops.h"

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

// That there is a spatial axis behind [N, C].
Status check_spatial(const Shape& x);
// The window of a pool over an input [N, C, spatial].
Result<Window> plan_pool_window(const Shape& x, const WindowAttrs& attrs, bool ceil_mode);

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

// Each plane of the input, `plane` elements at x, to one element: f(x, plane).
template <typename F>
Status pool_planes(const Args& args, Tensor& out, F&& f) {
  const Shape& shape = *args.shape(0);
  const std::int64_t plane = extent_product(shape, 2, shape.size());
  return visit_float(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* x = args.tensor(0).data<T>();
    for (std::int64_t i = 0; i < out.elements(); ++i, x += plane) out.data<T>()[i] = static_cast<T>(f(x, plane));
    return {};
  });
}

}  // namespace saker::ops
