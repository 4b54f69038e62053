// Sliding windows (window.h).
#include "graph/ops/window.h"

#include <algorithm>

namespace saker::ops {
namespace {

// Bounds every attribute so that the geometry below fits in 64 bits.
constexpr std::int64_t kMaxAttribute = INT32_MAX;

Result<Shape> attribute_list(const Shape& list, std::size_t count, std::int64_t fallback, std::int64_t least,
                             const char* what) {
  if (list.empty()) return Shape(count, fallback);
  if (list.size() != count) return invalid("{} has {} entries, {} are needed", what, list.size(), count);
  for (const std::int64_t value : list) {
    if (value < least || value > kMaxAttribute) return invalid("{} has the entry {}, out of range", what, value);
  }
  return list;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {  // a >= 0
  return a / b + (a % b != 0 ? 1 : 0);
}

}  // namespace

Result<Window> read_window(const WindowAttrs& attrs, Shape in, Shape kernel) {
  Window window;
  const std::size_t axes = in.size();
  if (!attrs.kernel.empty() && attrs.kernel != kernel) {
    return invalid("kernel_shape is {} but the weights have {}", to_string(attrs.kernel), to_string(kernel));
  }
  SAKER_ASSIGN(window.kernel, attribute_list(kernel, axes, 1, 1, "the kernel"));
  SAKER_ASSIGN(window.stride, attribute_list(attrs.strides, axes, 1, 1, "strides"));
  SAKER_ASSIGN(window.dilation, attribute_list(attrs.dilations, axes, 1, 1, "dilations"));
  window.before.assign(axes, 0);
  window.after.assign(axes, 0);
  if (attrs.auto_pad == AutoPad::kExplicit) {
    SAKER_ASSIGN(const Shape pads, attribute_list(attrs.pads, 2 * axes, 0, 0, "pads"));
    std::copy(pads.begin(), pads.begin() + as_int(axes), window.before.begin());
    std::copy(pads.begin() + as_int(axes), pads.end(), window.after.begin());
  }
  window.in = std::move(in);
  return window;
}

// Explicit pads: out = floor((in + before + after - span) / stride) + 1, span = (kernel - 1) *
// dilation + 1; with ceil_mode the division rounds up, unless the last window would start in the
// end padding. SAME: out = ceil(in / stride), pads split evenly, the odd one at the named end.
Result<Window> plan_window(const WindowAttrs& attrs, Shape in, Shape kernel, bool ceil_mode) {
  SAKER_ASSIGN(Window w, read_window(attrs, std::move(in), std::move(kernel)));
  const bool same = attrs.auto_pad == AutoPad::kSameUpper || attrs.auto_pad == AutoPad::kSameLower;
  w.out.resize(w.in.size());
  for (std::size_t i = 0; i < w.in.size(); ++i) {
    const std::int64_t span = (w.kernel[i] - 1) * w.dilation[i] + 1;
    if (same) {
      w.out[i] = ceil_div(w.in[i], w.stride[i]);
      const std::int64_t pad = std::max<std::int64_t>((w.out[i] - 1) * w.stride[i] + span - w.in[i], 0);
      w.before[i] = attrs.auto_pad == AutoPad::kSameUpper ? pad / 2 : pad - pad / 2;
      w.after[i] = pad - w.before[i];
      continue;
    }
    const std::int64_t room = w.in[i] + w.before[i] + w.after[i] - span;
    if (room < 0 && (!ceil_mode || room <= -w.stride[i])) {
      return invalid("on spatial axis {} the window spans {} but the padded input has {}", i, span, room + span);
    }
    w.out[i] = room < 0 ? 1 : (ceil_mode ? ceil_div(room, w.stride[i]) : room / w.stride[i]) + 1;
    if (ceil_mode && (w.out[i] - 1) * w.stride[i] >= w.in[i] + w.before[i]) --w.out[i];
  }
  return w;
}

Status check_spatial(const Shape& x) {
  if (x.size() < 3) return invalid("the input {} has no spatial axis", to_string(x));
  return {};
}

Result<Window> plan_pool_window(const Shape& x, const WindowAttrs& attrs, bool ceil_mode) {
  SAKER_TRY(check_spatial(x));
  if (attrs.kernel.empty()) return invalid("kernel_shape is empty");
  return plan_window(attrs, Shape(x.begin() + 2, x.end()), attrs.kernel, ceil_mode);
}

Span taps_inside(std::int64_t start, std::int64_t dilation, std::int64_t kernel, std::int64_t extent) {
  const std::int64_t begin = start < 0 ? ceil_div(-start, dilation) : 0;
  const std::int64_t end = start < extent ? (extent - 1 - start) / dilation + 1 : 0;
  return {begin, std::min(end, kernel)};
}

}  // namespace saker::ops
