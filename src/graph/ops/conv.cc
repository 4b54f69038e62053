// Conv and ConvTranspose over any number of spatial axes.
#include <algorithm>

#include "base/activation_math.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

Shape spatial(const Shape& shape) {
  return Shape(shape.begin() + 2, shape.end());
}

// Checks what both convolutions need of x and the weights.
Status check_ranks(const Shape& x, const Shape& weights, std::int64_t group) {
  if (x.size() < 3) return invalid("the input {} has no spatial axis", to_string(x));
  if (weights.size() != x.size()) {
    return invalid("the input has rank {} but the weights have rank {}", x.size(), weights.size());
  }
  if (group < 1) return invalid("group is {}", group);
  return {};
}

Status check_bias(const Args& args, std::int64_t channels) {
  if (!args.has(2) || args.shape(2) == nullptr || *args.shape(2) == Shape{channels}) return {};
  return invalid("the bias has shape {}, but there are {} output channels", to_string(*args.shape(2)), channels);
}

// Pairs positions of a small grid (Conv: the output) with positions of a large one (Conv: the
// input): large = small * stride - before + k * dilation.
class TapWalker {
 public:
  TapWalker(const Window& window, const Shape& kernel, const Shape& small, const Shape& large)
      : window_(window),
        small_(small),
        small_strides_(dense_strides(small)),
        large_strides_(dense_strides(large)),
        first_(small.size()),
        spans_(small.size()) {
    for (std::size_t i = 0; i < small.size(); ++i) {
      first_[i].reserve(as_size(kernel[i]));
      spans_[i].reserve(as_size(kernel[i]));
      for (std::int64_t k = 0; k < kernel[i]; ++k) {
        const std::int64_t start = k * window.dilation[i] - window.before[i];
        first_[i].push_back(start);
        spans_[i].push_back(taps_inside(start, window.stride[i], small[i], large[i]));
      }
    }
  }

  // Calls row(small offset, large offset, count, large step) for every run of pairs of one tap.
  template <typename F>
  void each_row(const Shape& tap, F&& row) const {
    walk(tap, 0, 0, 0, row);
  }

 private:
  template <typename F>
  void walk(const Shape& tap, std::size_t axis, std::int64_t small_at, std::int64_t large_at, F&& row) const {
    const std::int64_t start = first_[axis][as_size(tap[axis])];
    const Span span = spans_[axis][as_size(tap[axis])];
    if (span.begin >= span.end) return;
    const std::int64_t stride = window_.stride[axis];
    if (axis + 1 == small_.size()) {
      row(small_at + span.begin, large_at + span.begin * stride + start, span.end - span.begin, stride);
      return;
    }
    for (std::int64_t i = span.begin; i < span.end; ++i) {
      walk(tap, axis + 1, small_at + i * small_strides_[axis], large_at + (i * stride + start) * large_strides_[axis],
           row);
    }
  }

  const Window& window_;
  const Shape& small_;
  Shape small_strides_, large_strides_;
  std::vector<std::vector<std::int64_t>> first_;
  std::vector<std::vector<Span>> spans_;
};

// The kernel extents, or none where there are no weights to bound them.
Shape taps_of(const Args& args, const Window& window) {
  return args.tensor(1).elements() > 0 ? window.kernel : Shape(window.kernel.size(), 0);
}

Result<Window> plan_conv(const Args& args) {
  const auto& attrs = args.as<ConvAttrs>();
  const Shape& x = *args.shape(0);
  const Shape& weights = *args.shape(1);
  SAKER_TRY(check_ranks(x, weights, attrs.group));
  if (weights[0] % attrs.group != 0) return invalid("{} output channels in {} groups", weights[0], attrs.group);
  if (x[1] != saturating_mul(weights[1], attrs.group)) {
    return invalid("input has {} channels but the weights need {}", x[1], saturating_mul(weights[1], attrs.group));
  }
  SAKER_TRY(check_bias(args, weights[0]));
  return plan_window(attrs.window, spatial(x), spatial(weights), false);
}

}  // namespace

Result<Outputs> conv_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kFloatTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Window window, plan_conv(args));
  Shape shape{(*args.shape(0))[0], (*args.shape(1))[0]};
  shape.insert(shape.end(), window.out.begin(), window.out.end());
  if (args.has(4) && args.shape(4) != nullptr) {
    const Shape& coarse = *args.shape(4);
    bool fits = shape.size() == 4 && coarse.size() == 4;
    for (std::size_t i = 0; fits && i < 4; ++i) fits = shape[i] == coarse[i] * (i < 2 ? 1 : 2);
    if (!fits) return invalid("the picture to add has shape {}, the output {}", to_string(coarse), to_string(shape));
  }
  if (args.has(3) && args.shape(3) != nullptr && *args.shape(3) != shape) {
    return invalid("the residual has shape {}, the output {}", to_string(*args.shape(3)), to_string(shape));
  }
  return one(args.dtype(0), std::move(shape));
}

namespace {

// sums += conv of one image's group with the weights of one output channel.
template <typename T>
void convolve(const TapWalker& walker, const Window& window, const T* x, const T* weights, std::int64_t channels,
              std::int64_t plane, double* sums) {
  for (std::int64_t c = 0; c < channels; ++c, x += plane) {
    Shape tap(window.kernel.size(), 0);
    do {
      const double weight = static_cast<double>(*weights++);
      walker.each_row(tap, [&](std::int64_t small, std::int64_t large, std::int64_t count, std::int64_t step) {
        for (std::int64_t i = 0; i < count; ++i) sums[small + i] += weight * static_cast<double>(x[large + i * step]);
      });
    } while (next_index(tap, window.kernel, tap.size()));
  }
}

// sums += a plane of half the height and width.
template <typename T>
void add_upsampled(const T* coarse, const Shape& size, double* sums) {
  for (std::int64_t y = 0; y < size[0]; ++y) {
    for (std::int64_t x = 0; x < size[1]; ++x) *sums++ += static_cast<double>(coarse[y / 2 * (size[1] / 2) + x / 2]);
  }
}

template <typename T>
Status run_conv(const Args& args, const Window& window, Tensor& out) {
  const auto& attrs = args.as<ConvAttrs>();
  const std::int64_t channels = (*args.shape(1))[1];
  const std::int64_t in_channels = (*args.shape(0))[1];
  const std::int64_t maps = out.shape()[1];
  const std::int64_t in_plane = extent_product(window.in, 0, window.in.size());
  const std::int64_t out_plane = extent_product(window.out, 0, window.out.size());
  const std::int64_t taps = extent_product(*args.shape(1), 1, args.shape(1)->size());
  const TapWalker walker(window, taps_of(args, window), window.out, window.in);
  SAKER_ASSIGN(Tensor scratch, Tensor::make(DType::kFloat64, {out_plane}));
  double* sums = scratch.data<double>();
  const T* residual = args.has(3) ? args.tensor(3).data<T>() : nullptr;
  T* to = out.data<T>();
  for (std::int64_t n = 0; n < out.shape()[0]; ++n) {
    for (std::int64_t m = 0; m < maps; ++m, to += out_plane) {
      std::fill_n(sums, out_plane, args.has(2) ? static_cast<double>(args.tensor(2).data<T>()[m]) : 0.0);
      const std::int64_t group = m / (maps / attrs.group);
      const T* x = args.tensor(0).data<T>() + (n * in_channels + group * channels) * in_plane;
      if (taps > 0) convolve(walker, window, x, args.tensor(1).data<T>() + m * taps, channels, in_plane, sums);
      if (args.has(4)) add_upsampled(args.tensor(4).data<T>() + (n * maps + m) * out_plane / 4, window.out, sums);
      for (std::int64_t i = 0; i < out_plane; ++i) {
        double y = activate(attrs.activation, sums[i]);
        if (residual != nullptr) y += static_cast<double>(*residual++);
        to[i] = static_cast<T>(y);
      }
    }
  }
  return {};
}

}  // namespace

Status conv_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window window, plan_conv(args));
  return visit_float(outputs[0].dtype(), [&](auto zero) { return run_conv<decltype(zero)>(args, window, outputs[0]); });
}

namespace {

// out = (in - 1) * stride + output_padding + (kernel - 1) * dilation + 1 - before - after; an
// explicit output_shape sets the pads instead, and SAME means in * stride.
Result<Window> plan_conv_transpose(const Args& args) {
  const auto& attrs = args.as<ConvTransposeAttrs>();
  const Shape& x = *args.shape(0);
  const Shape& weights = *args.shape(1);
  SAKER_TRY(check_ranks(x, weights, attrs.group));
  if (x[1] != weights[0]) return invalid("input has {} channels but the weights need {}", x[1], weights[0]);
  if (x[1] % attrs.group != 0) return invalid("{} input channels in {} groups", x[1], attrs.group);
  SAKER_TRY(check_bias(args, saturating_mul(weights[1], attrs.group)));
  SAKER_ASSIGN(Window w, read_window(attrs.window, spatial(x), spatial(weights)));
  const std::size_t axes = w.in.size();
  if (!attrs.output_padding.empty() && attrs.output_padding.size() != axes) {
    return invalid("output_padding has {} entries, {} are needed", attrs.output_padding.size(), axes);
  }
  if (!attrs.output_shape.empty() && attrs.output_shape.size() != axes) {
    return invalid("output_shape has {} entries, {} are needed", attrs.output_shape.size(), axes);
  }
  const AutoPad mode = attrs.window.auto_pad;
  const bool same = mode == AutoPad::kSameUpper || mode == AutoPad::kSameLower;
  w.out.resize(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t extra = attrs.output_padding.empty() ? 0 : attrs.output_padding[i];
    if (extra < 0 || extra > INT32_MAX) return invalid("output_padding has the entry {}, out of range", extra);
    const std::int64_t reach = (w.kernel[i] - 1) * w.dilation[i] + 1;
    const std::int64_t full = saturating_add(saturating_mul(w.in[i] - 1, w.stride[i]), saturating_add(extra, reach));
    w.out[i] = saturating_add(full, -w.before[i] - w.after[i]);
    if (!attrs.output_shape.empty() || same) {
      w.out[i] = same && attrs.output_shape.empty() ? saturating_mul(w.in[i], w.stride[i]) : attrs.output_shape[i];
      const std::int64_t pad = w.out[i] < 0 ? 0 : std::max<std::int64_t>(full - w.out[i], 0);
      w.before[i] = mode == AutoPad::kSameUpper ? pad / 2 : pad - pad / 2;
      w.after[i] = pad - w.before[i];
    }
    if (w.out[i] < 0 || full > (std::int64_t{1} << 60)) {
      return invalid("spatial axis {} would have the extent {}", i, w.out[i]);
    }
  }
  return w;
}

}  // namespace

Result<Outputs> conv_transpose_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kFloatTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Window window, plan_conv_transpose(args));
  const std::int64_t group = args.as<ConvTransposeAttrs>().group;
  Shape shape{(*args.shape(0))[0], saturating_mul((*args.shape(1))[1], group)};
  shape.insert(shape.end(), window.out.begin(), window.out.end());
  return one(args.dtype(0), std::move(shape));
}

namespace {

// sums += one channel of the input spread by its weights for one output channel.
template <typename T>
void spread(const TapWalker& walker, const Window& window, const T* x, const T* weights, double* sums) {
  Shape tap(window.kernel.size(), 0);
  do {
    const double weight = static_cast<double>(*weights++);
    walker.each_row(tap, [&](std::int64_t small, std::int64_t large, std::int64_t count, std::int64_t step) {
      for (std::int64_t i = 0; i < count; ++i) sums[large + i * step] += weight * static_cast<double>(x[small + i]);
    });
  } while (next_index(tap, window.kernel, tap.size()));
}

template <typename T>
Status run_conv_transpose(const Args& args, const Window& window, Tensor& out) {
  const std::int64_t channels = (*args.shape(0))[1];
  const std::int64_t group_channels = channels / args.as<ConvTransposeAttrs>().group;
  const std::int64_t group_maps = (*args.shape(1))[1];
  const std::int64_t maps = out.shape()[1];
  const std::int64_t in_plane = extent_product(window.in, 0, window.in.size());
  const std::int64_t out_plane = extent_product(window.out, 0, window.out.size());
  const std::int64_t taps = extent_product(window.kernel, 0, window.kernel.size());
  const TapWalker walker(window, taps_of(args, window), window.in, window.out);
  SAKER_ASSIGN(Tensor scratch, Tensor::make(DType::kFloat64, {out_plane}));
  double* sums = scratch.data<double>();
  T* to = out.data<T>();
  for (std::int64_t n = 0; n < out.shape()[0]; ++n) {
    for (std::int64_t m = 0; m < maps; ++m, to += out_plane) {
      std::fill_n(sums, out_plane, args.has(2) ? static_cast<double>(args.tensor(2).data<T>()[m]) : 0.0);
      for (std::int64_t k = 0; k < group_channels && in_plane > 0; ++k) {
        const std::int64_t c = m / group_maps * group_channels + k;
        const T* weights = args.tensor(1).data<T>() + (c * group_maps + m % group_maps) * taps;
        spread(walker, window, args.tensor(0).data<T>() + (n * channels + c) * in_plane, weights, sums);
      }
      for (std::int64_t i = 0; i < out_plane; ++i) to[i] = static_cast<T>(sums[i]);
    }
  }
  return {};
}

}  // namespace

Status conv_transpose_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window window, plan_conv_transpose(args));
  return visit_float(outputs[0].dtype(),
                     [&](auto zero) { return run_conv_transpose<decltype(zero)>(args, window, outputs[0]); });
}

// The sums of a plane, and the walker's tables.
std::size_t conv_scratch(const Args& args, const Outputs& outputs) {
  const Shape& out = *outputs[0].shape;
  std::size_t bytes = as_size(extent_product(out, 2, out.size())) * sizeof(double);
  for (std::size_t i = 2; i < args.shape(1)->size(); ++i)
    bytes += as_size((*args.shape(1))[i]) * (sizeof(std::int64_t) + sizeof(Span));
  return bytes;
}

}  // namespace saker::ops
