// DeformConv: a 2-D convolution whose taps lie where the data says, read bilinearly.
#include <cmath>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

// Inputs: x [N, C, H, W], weights [M, C / group, kernel], offsets [N, offset groups x taps x 2, out] as (y, x) of each
// tap, bias [M], mask [N, offset groups x taps, out].
Result<Window> plan_deform_conv(const Args& args) {
  const auto& attrs = args.as<DeformConvAttrs>();
  const Shape& x = *args.shape(0);
  const Shape& weights = *args.shape(1);
  if (x.size() != 4 || weights.size() != 4)
    return invalid("x {} and weights {}: only pictures are supported", to_string(x), to_string(weights));
  if (attrs.group < 1 || attrs.offset_group < 1 || weights[0] % attrs.group != 0 || x[1] % attrs.offset_group != 0 ||
      x[1] != saturating_mul(weights[1], attrs.group)) {
    return invalid("x {} and weights {} in {} groups, {} of offsets", to_string(x), to_string(weights), attrs.group,
                   attrs.offset_group);
  }
  SAKER_ASSIGN(Window window, plan_window(attrs.window, {x[2], x[3]}, {weights[2], weights[3]}, false));
  const std::int64_t taps = saturating_mul(saturating_mul(weights[2], weights[3]), attrs.offset_group);
  const Shape offsets{x[0], saturating_mul(taps, 2), window.out[0], window.out[1]};
  if (*args.shape(2) != offsets)
    return invalid("the offsets have shape {}, not {}", to_string(*args.shape(2)), to_string(offsets));
  const Shape mask{x[0], taps, window.out[0], window.out[1]};
  if (args.has(4) && *args.shape(4) != mask)
    return invalid("the mask has shape {}, not {}", to_string(*args.shape(4)), to_string(mask));
  if (args.has(3) && *args.shape(3) != Shape{weights[0]})
    return invalid("the bias has shape {}, but there are {} output channels", to_string(*args.shape(3)), weights[0]);
  return window;
}

// The four pixels around a point; those outside the picture count as zeros.
template <typename T>
double read_between(const T* plane, std::int64_t height, std::int64_t width, double y, double x) {
  if (!(y > -1 && y < static_cast<double>(height) && x > -1 && x < static_cast<double>(width))) return 0;
  const auto top = static_cast<std::int64_t>(std::floor(y)), left = static_cast<std::int64_t>(std::floor(x));
  double sum = 0;
  for (std::int64_t i = top; i <= top + 1; ++i) {
    for (std::int64_t j = left; j <= left + 1; ++j) {
      if (i < 0 || i >= height || j < 0 || j >= width) continue;
      const double weight = (1 - std::fabs(y - static_cast<double>(i))) * (1 - std::fabs(x - static_cast<double>(j)));
      sum += weight * static_cast<double>(plane[i * width + j]);
    }
  }
  return sum;
}

template <typename T>
class DeformedWindow {
 public:
  DeformedWindow(const Args& args, const Window& window) : args_(args), window_(window) {}

  // All that the window at (row, column) of picture n reads: [channel][tap].
  void read(std::int64_t n, std::int64_t row, std::int64_t column, double* to) const {
    const Shape& x = *args_.shape(0);
    const std::int64_t groups = args_.as<DeformConvAttrs>().offset_group;
    const std::int64_t taps = window_.kernel[0] * window_.kernel[1], channels = x[1] / groups;
    const std::int64_t plane = window_.out[0] * window_.out[1], pixel = row * window_.out[1] + column;
    for (std::int64_t i = 0; i < groups * taps; ++i) {
      const std::int64_t group = i / taps, tap = i % taps, at = n * groups * taps + i;
      const T* offset = args_.tensor(2).data<T>() + 2 * at * plane + pixel;
      const double y = position(0, row, tap / window_.kernel[1]) + static_cast<double>(offset[0]);
      const double along = position(1, column, tap % window_.kernel[1]) + static_cast<double>(offset[plane]);
      const double mask = args_.has(4) ? static_cast<double>(args_.tensor(4).data<T>()[at * plane + pixel]) : 1;
      for (std::int64_t c = group * channels; c < (group + 1) * channels; ++c) {
        const T* picture = args_.tensor(0).data<T>() + (n * x[1] + c) * x[2] * x[3];
        to[c * taps + tap] = mask * read_between(picture, x[2], x[3], y, along);
      }
    }
  }

 private:
  double position(std::size_t axis, std::int64_t out, std::int64_t tap) const {
    return static_cast<double>(out * window_.stride[axis] - window_.before[axis] + tap * window_.dilation[axis]);
  }

  const Args& args_;
  const Window& window_;
};

}  // namespace

Result<Outputs> deform_conv_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kFloatTypes));
  if (!args.has_all_shapes()) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Window window, plan_deform_conv(args));
  return one(args.dtype(0), Shape{(*args.shape(0))[0], (*args.shape(1))[0], window.out[0], window.out[1]});
}

Status deform_conv_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window window, plan_deform_conv(args));
  const Shape& weights = *args.shape(1);
  const Shape& y = outputs[0].shape();
  const std::int64_t length = weights[1] * weights[2] * weights[3];  // of an output channel's weights
  const std::int64_t per_group = weights[0] / args.as<DeformConvAttrs>().group;
  std::vector<double> under(as_size(length * args.as<DeformConvAttrs>().group));
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const DeformedWindow<T> deformed(args, window);
    for (std::int64_t i = 0; i < y[0] * y[2] * y[3]; ++i) {
      const std::int64_t n = i / (y[2] * y[3]), pixel = i % (y[2] * y[3]);
      deformed.read(n, pixel / y[3], pixel % y[3], under.data());
      for (std::int64_t m = 0; m < y[1]; ++m) {
        const T* w = args.tensor(1).data<T>() + m * length;
        const double* x = under.data() + m / per_group * length;
        double sum = args.has(3) ? static_cast<double>(args.tensor(3).data<T>()[m]) : 0;
        for (std::int64_t k = 0; k < length; ++k) sum += static_cast<double>(w[k]) * x[k];
        outputs[0].data<T>()[(n * y[1] + m) * y[2] * y[3] + pixel] = static_cast<T>(sum);
      }
    }
    return {};
  });
}

// What lies under one window.
std::size_t deform_conv_scratch(const Args& args, const Outputs& /*outputs*/) {
  const Shape& weights = *args.shape(1);
  return as_size((*args.shape(0))[1] * weights[2] * weights[3]) * sizeof(double);
}

}  // namespace saker::ops
