// Signals: the windows, MelWeightMatrix, DFT and STFT. Complex numbers are a last axis of 2.
#include <cmath>
#include <numbers>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

constexpr double kPi = std::numbers::pi;

Result<std::int64_t> integer(const Args& args, std::size_t i, const char* what) {
  SAKER_ASSIGN(const Shape values, int_list(args.tensor(i), what));
  if (values.size() != 1) return invalid("{} has {} elements, not 1", what, values.size());
  return values[0];
}

Result<double> number(const Args& args, std::size_t i, const char* what) {
  SAKER_ASSIGN(const std::vector<double> values, float_list(args.tensor(i), what));
  if (values.size() != 1) return invalid("{} has {} elements, not 1", what, values.size());
  return values[0];
}

double window_value(Op op, double turn) {  // turn: from 0 to 1 along the window
  switch (op) {
    case Op::kBlackmanWindow:
      return 0.42 - 0.5 * std::cos(2 * kPi * turn) + 0.08 * std::cos(4 * kPi * turn);
    case Op::kHammingWindow:
      return 25.0 / 46 - 21.0 / 46 * std::cos(2 * kPi * turn);
    default:
      return std::pow(std::sin(kPi * turn), 2);
  }
}

}  // namespace

// Input: the window's length.
Result<Outputs> signal_window_rule(const Args& args) {
  const DType to = args.as<SignalWindowAttrs>().to;
  SAKER_TRY(args.check_type(0, kIndexTypes));
  if (!contains(kNumberTypes, to)) return invalid("a window of type {}", dtype_name(to));
  if (args.has_unknown_data(0)) return one(to, std::nullopt);
  SAKER_ASSIGN(const std::int64_t size, integer(args, 0, "the size"));
  if (size < 0) return invalid("the size is {}", size);
  return one(to, Shape{size});
}

Status signal_window_kernel(const Args& args, std::span<Tensor> outputs) {
  const std::int64_t size = outputs[0].elements();
  const std::int64_t period = args.as<SignalWindowAttrs>().periodic ? size : size - 1;
  SAKER_ASSIGN(Tensor wide, Tensor::make(DType::kFloat64, {size}));
  for (std::int64_t i = 0; i < size; ++i) {
    const double turn = static_cast<double>(i) / static_cast<double>(period);
    wide.data<double>()[i] = size == 1 ? 1 : window_value(args.node().op, turn);
  }
  convert(wide, outputs[0]);
  return {};
}

// The result before it is rounded to its type.
std::size_t signal_window_scratch(const Args& /*args*/, const Outputs& outputs) {
  return as_size(extent_product(*outputs[0].shape, 0, outputs[0].shape->size())) * sizeof(double);
}

// Inputs: number of bins, length of the transform, sample rate, lowest and highest frequency.
Result<Outputs> mel_weight_matrix_rule(const Args& args) {
  const DType to = args.as<SignalWindowAttrs>().to;
  for (std::size_t i = 0; i < 5; ++i) SAKER_TRY(args.check_type(i, i < 3 ? kIndexTypes : kFloatTypes));
  if (!contains(kNumberTypes, to)) return invalid("a matrix of type {}", dtype_name(to));
  if (args.has_unknown_data(0) || args.has_unknown_data(1)) return one(to, std::nullopt);
  SAKER_ASSIGN(const std::int64_t bins, integer(args, 0, "the number of bins"));
  SAKER_ASSIGN(const std::int64_t length, integer(args, 1, "the length"));
  if (bins < 0 || length < 0) return invalid("{} bins of a transform of length {}", bins, length);
  return one(to, Shape{length / 2 + 1, bins});
}

// Triangles over the frequencies, of equal width on the mel scale: 2595 log10(1 + hertz / 700).
Status mel_weight_matrix_kernel(const Args& args, std::span<Tensor> outputs) {
  const std::int64_t rows = outputs[0].shape()[0], bins = outputs[0].shape()[1];
  SAKER_ASSIGN(const std::int64_t length, integer(args, 1, "the length"));
  SAKER_ASSIGN(const std::int64_t rate, integer(args, 2, "the sample rate"));
  SAKER_ASSIGN(const double lowest, number(args, 3, "the lowest frequency"));
  SAKER_ASSIGN(const double highest, number(args, 4, "the highest frequency"));
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double step = (mel(highest) - mel(lowest)) / static_cast<double>(bins + 2);
  const auto edge = [&](std::int64_t i) -> Result<std::int64_t> {
    const double hertz = 700 * (std::pow(10, (mel(lowest) + static_cast<double>(i) * step) / 2595) - 1);
    const double row = std::floor((static_cast<double>(length) + 1) * hertz / static_cast<double>(rate));
    if (!(row >= 0 && row < static_cast<double>(rows)))
      return invalid("frequencies from {} to {} at a sample rate of {}", lowest, highest, rate);
    return static_cast<std::int64_t>(row);
  };
  SAKER_ASSIGN(Tensor wide, Tensor::make(DType::kFloat64, outputs[0].shape()));
  if (wide.bytes() > 0) std::memset(wide.raw(), 0, wide.bytes());
  for (std::int64_t i = 0; i < bins; ++i) {
    SAKER_ASSIGN(const std::int64_t left, edge(i));
    SAKER_ASSIGN(const std::int64_t middle, edge(i + 1));
    SAKER_ASSIGN(const std::int64_t right, edge(i + 2));
    double* column = wide.data<double>() + i;
    if (left == middle) column[middle * bins] = 1;
    for (std::int64_t row = left; left != middle && row <= middle; ++row)
      column[row * bins] = static_cast<double>(row - left) / static_cast<double>(middle - left);
    for (std::int64_t row = middle; row < right; ++row)
      column[row * bins] = static_cast<double>(right - row) / static_cast<double>(right - middle);
  }
  convert(wide, outputs[0]);
  return {};
}

namespace {

// exp(-2 pi i k / length) for all k; of the inverse transform the conjugates.
class Twiddles {
 public:
  Twiddles(std::int64_t length, bool inverse) : cosines_(as_size(length)), sines_(as_size(length)) {
    for (std::size_t k = 0; k < cosines_.size(); ++k) {
      const double angle = (inverse ? 2 : -2) * kPi * static_cast<double>(k) / static_cast<double>(length);
      cosines_[k] = std::cos(angle);
      sines_[k] = std::sin(angle);
    }
  }

  // The coefficient k of `count` complex numbers that value(n, real, imaginary) gives.
  template <typename F>
  void transform(std::int64_t k, std::int64_t count, F&& value, double& real, double& imaginary) const {
    real = imaginary = 0;
    std::size_t at = 0;  // k * n modulo the length
    for (std::int64_t n = 0; n < count; ++n) {
      double a = 0, b = 0;
      value(n, a, b);
      real += a * cosines_[at] - b * sines_[at];
      imaginary += a * sines_[at] + b * cosines_[at];
      at += as_size(k);
      if (at >= cosines_.size()) at -= cosines_.size();
    }
  }

  static std::size_t bytes(std::int64_t length) { return as_size(length) * 2 * sizeof(double); }

 private:
  std::vector<double> cosines_, sines_;
};

Status check_complex(const Shape& x, bool onesided) {
  if (x.size() < 2 || (x.back() != 1 && x.back() != 2))
    return invalid("the signal {} has no last axis of 1 or 2, for real or complex numbers", to_string(x));
  if (onesided && x.back() == 2) return invalid("onesided, but the signal is complex");
  return {};
}

struct DftPlan {
  std::size_t axis = 0;
  std::int64_t length = 0;
};

Result<DftPlan> plan_dft(const Args& args) {
  const auto& attrs = args.as<DftAttrs>();
  const Shape& x = *args.shape(0);
  SAKER_TRY(check_complex(x, attrs.onesided));
  std::int64_t axis = -2;
  if (args.has(2)) {
    SAKER_ASSIGN(axis, integer(args, 2, "the axis"));
  }
  DftPlan plan;
  SAKER_ASSIGN(plan.axis, normalize_axis(axis, x.size()));
  if (plan.axis + 1 == x.size()) return invalid("axis {} is that of the complex numbers", axis);
  plan.length = x[plan.axis];
  if (args.has(1)) {
    SAKER_ASSIGN(plan.length, integer(args, 1, "the length"));
  }
  if (plan.length < 1) return invalid("a transform of length {}", plan.length);
  return plan;
}

}  // namespace

// Inputs: x, optionally the length (x is cut, or zeros follow), optionally the axis.
Result<Outputs> dft_rule(const Args& args) {
  const auto& attrs = args.as<DftAttrs>();
  SAKER_TRY(args.check_type(0, kFloatTypes));
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (args.has(i)) SAKER_TRY(args.check_type(i, kIndexTypes));
  }
  if (attrs.inverse && attrs.onesided) return Error{ErrorCode::kUnsupported, "an inverse transform that is onesided"};
  if (args.shape(0) == nullptr || args.has_unknown_data(1) || args.has_unknown_data(2))
    return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const DftPlan plan, plan_dft(args));
  Shape shape = *args.shape(0);
  shape[plan.axis] = attrs.onesided ? plan.length / 2 + 1 : plan.length;
  shape.back() = 2;
  return one(args.dtype(0), std::move(shape));
}

Status dft_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<DftAttrs>();
  const Shape& x = *args.shape(0);
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const DftPlan plan, plan_dft(args));
  const Twiddles twiddles(plan.length, attrs.inverse);
  const std::int64_t inner = extent_product(x, plan.axis + 1, x.size() - 1), parts = x.back();
  const std::int64_t coefficients = outputs[0].shape()[plan.axis];
  const std::int64_t count = std::min(x[plan.axis], plan.length);
  const double factor = attrs.inverse ? 1 / static_cast<double>(plan.length) : 1;
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < extent_product(x, 0, plan.axis) * inner; ++row) {
      const T* from = args.tensor(0).data<T>() + (row / inner * x[plan.axis] * inner + row % inner) * parts;
      T* to = outputs[0].data<T>() + (row / inner * coefficients * inner + row % inner) * 2;
      const auto value = [&](std::int64_t n, double& real, double& imaginary) {
        real = static_cast<double>(from[n * inner * parts]);
        imaginary = parts == 2 ? static_cast<double>(from[n * inner * 2 + 1]) : 0;
      };
      for (std::int64_t k = 0; k < coefficients; ++k, to += 2 * inner) {
        double real = 0, imaginary = 0;
        twiddles.transform(k, count, value, real, imaginary);
        to[0] = static_cast<T>(real * factor);
        to[1] = static_cast<T>(imaginary * factor);
      }
    }
    return {};
  });
}

std::size_t dft_scratch(const Args& args, const Outputs& /*outputs*/) {
  const auto plan = plan_dft(args);
  return plan.ok() ? Twiddles::bytes(plan->length) : 0;
}

namespace {

struct Frames {
  std::int64_t count = 0, step = 1, length = 1;
};

Result<Frames> plan_frames(const Args& args) {
  const Shape& x = *args.shape(0);
  Frames frames;
  if (x.size() != 3) return invalid("the signal {} has not the axes batch, time and complex", to_string(x));
  SAKER_TRY(check_complex(x, args.as<StftAttrs>().onesided));
  if (!args.has(2) && !args.has(3)) return invalid("it has neither a window nor a frame_length");
  SAKER_ASSIGN(frames.step, integer(args, 1, "frame_step"));
  if (args.has(3)) {
    SAKER_ASSIGN(frames.length, integer(args, 3, "frame_length"));
  } else {
    frames.length = args.shape(2)->empty() ? 1 : args.shape(2)->front();
  }
  if (args.has(2) && *args.shape(2) != Shape{frames.length})
    return invalid("a window {} for frames of length {}", to_string(*args.shape(2)), frames.length);
  if (frames.step < 1 || frames.length < 1 || frames.length > x[1])
    return invalid("frames of length {} every {} of a signal of length {}", frames.length, frames.step, x[1]);
  frames.count = (x[1] - frames.length) / frames.step + 1;
  return frames;
}

}  // namespace

// Inputs: signal [N, time, 1 or 2], frame_step, optionally a window and frame_length: one of them is there. Output:
// [N, frames, frequencies, 2].
Result<Outputs> stft_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.has(2)) SAKER_TRY(args.check_type(2, type_set({args.dtype(0)})));
  if (args.has(3)) SAKER_TRY(args.check_type(3, kIndexTypes));
  const bool open = args.shape(0) == nullptr || args.has_unknown_data(1) || args.has_unknown_data(3) ||
                    (args.has(2) && args.shape(2) == nullptr);
  if (open) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Frames frames, plan_frames(args));
  const std::int64_t frequencies = args.as<StftAttrs>().onesided ? frames.length / 2 + 1 : frames.length;
  return one(args.dtype(0), Shape{(*args.shape(0))[0], frames.count, frequencies, 2});
}

Status stft_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Frames frames, plan_frames(args));
  const Twiddles twiddles(frames.length, false);
  const Shape& x = *args.shape(0);
  const Shape& y = outputs[0].shape();
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* window = args.has(2) ? args.tensor(2).data<T>() : nullptr;
    T* to = outputs[0].data<T>();
    for (std::int64_t i = 0; i < y[0] * y[1]; ++i) {
      const T* from = args.tensor(0).data<T>() + (i / y[1] * x[1] + i % y[1] * frames.step) * x[2];
      const auto value = [&](std::int64_t n, double& real, double& imaginary) {
        const double weight = window == nullptr ? 1 : static_cast<double>(window[n]);
        real = weight * static_cast<double>(from[n * x[2]]);
        imaginary = x[2] == 2 ? weight * static_cast<double>(from[n * 2 + 1]) : 0;
      };
      for (std::int64_t k = 0; k < y[2]; ++k, to += 2) {
        double real = 0, imaginary = 0;
        twiddles.transform(k, frames.length, value, real, imaginary);
        to[0] = static_cast<T>(real);
        to[1] = static_cast<T>(imaginary);
      }
    }
    return {};
  });
}

std::size_t stft_scratch(const Args& args, const Outputs& /*outputs*/) {
  const auto frames = plan_frames(args);
  return frames.ok() ? Twiddles::bytes(frames->length) : 0;
}

}  // namespace saker::ops
