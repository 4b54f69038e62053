// Lp norms, (sum of |x|^p)^(1/p): LpNormalization divides by them, LpPool and GlobalLpPool pool with them. And the two
// other normalizations of old networks: LRN and MeanVarianceNormalization.
#include <algorithm>
#include <cmath>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

class Norm {
 public:
  explicit Norm(std::int64_t p) : p_(static_cast<double>(p)) {}
  void add(double x) {
    const double size = std::fabs(x);
    sum_ += p_ == 1 ? size : p_ == 2 ? size * size : std::pow(size, p_);
  }
  double value() const { return p_ == 1 ? sum_ : p_ == 2 ? std::sqrt(sum_) : std::pow(sum_, 1 / p_); }

 private:
  double p_, sum_ = 0;
};

Status check_power(std::int64_t p) {
  if (p < 1) return invalid("p is {}", p);
  return {};
}

Result<Window> plan_lp_pool(const Args& args) {
  const auto& attrs = args.as<LpPoolAttrs>();
  return plan_pool_window(*args.shape(0), attrs.window, attrs.ceil_mode);
}

}  // namespace

Result<Outputs> lp_normalization_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(check_power(args.as<LpAttrs>().p));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_TRY(normalize_axis(args.as<LpAttrs>().axis, args.shape(0)->size()));
  return one(args.dtype(0), *args.shape(0));
}

// y = x / norm along the axis; what has the norm 0 stays 0.
Status lp_normalization_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& shape = *args.shape(0);
  const auto& attrs = args.as<LpAttrs>();
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  const std::int64_t rows = extent_product(shape, 0, axis) * inner;
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t at = row / inner * shape[axis] * inner + row % inner;
      const T* x = args.tensor(0).data<T>() + at;
      T* y = outputs[0].data<T>() + at;
      Norm norm(attrs.p);
      for (std::int64_t i = 0; i < shape[axis]; ++i) norm.add(static_cast<double>(x[i * inner]));
      const double by = norm.value();
      for (std::int64_t i = 0; i < shape[axis]; ++i)
        y[i * inner] = by == 0 ? T{0} : static_cast<T>(static_cast<double>(x[i * inner]) / by);
    }
    return {};
  });
}

Result<Outputs> global_lp_pool_rule(const Args& args) {
  SAKER_TRY(check_power(args.as<LpAttrs>().p));
  return global_pool_rule(args);
}

Status global_lp_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  return pool_planes(args, outputs[0], [&](const auto* x, std::int64_t plane) {
    Norm norm(args.as<LpAttrs>().p);
    for (std::int64_t k = 0; k < plane; ++k) norm.add(static_cast<double>(x[k]));
    return norm.value();
  });
}

Result<Outputs> lp_pool_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(check_power(args.as<LpPoolAttrs>().p));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Window window, plan_lp_pool(args));
  Shape shape(args.shape(0)->begin(), args.shape(0)->begin() + 2);
  shape.insert(shape.end(), window.out.begin(), window.out.end());
  return one(args.dtype(0), std::move(shape));
}

// The norm of what lies under the window; the padding is zeros.
Status lp_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window window, plan_lp_pool(args));
  const Shape strides = dense_strides(window.in);
  const std::int64_t plane_size = extent_product(window.in, 0, window.in.size());
  const std::int64_t planes = extent_product(*args.shape(0), 0, 2);
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    T* to = outputs[0].data<T>();
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      const T* x = args.tensor(0).data<T>() + plane * plane_size;
      Shape index(window.out.size(), 0);
      do {
        Norm norm(args.as<LpPoolAttrs>().p);
        each_tap(window, strides, index, 0, 0, [&](std::int64_t at) { norm.add(static_cast<double>(x[at])); });
        *to++ = static_cast<T>(norm.value());
      } while (next_index(index, window.out, index.size()));
    }
    return {};
  });
}

Result<Outputs> lrn_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  if (args.as<LrnAttrs>().size < 1) return invalid("size is {}", args.as<LrnAttrs>().size);
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  if (args.shape(0)->size() < 2) return invalid("the input {} has no channels", to_string(*args.shape(0)));
  return one(args.dtype(0), *args.shape(0));
}

// y = x / (bias + alpha / size * sum of x^2 over the `size` channels around)^beta
Status lrn_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<LrnAttrs>();
  const Shape& shape = *args.shape(0);
  const std::int64_t channels = shape[1];
  const std::int64_t plane = extent_product(shape, 2, shape.size());
  const double slope = static_cast<double>(attrs.alpha) / static_cast<double>(attrs.size);
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      const std::int64_t c = i / plane % channels;
      const std::int64_t first = std::max<std::int64_t>(c - (attrs.size - 1) / 2, 0);
      const std::int64_t last = std::min(c + attrs.size / 2, channels - 1);
      const T* x = args.tensor(0).data<T>() + i;
      double sum = 0;
      for (std::int64_t k = first; k <= last; ++k) {
        const double value = static_cast<double>(x[(k - c) * plane]);
        sum += value * value;
      }
      const double by = std::pow(static_cast<double>(attrs.bias) + slope * sum, static_cast<double>(attrs.beta));
      outputs[0].data<T>()[i] = static_cast<T>(static_cast<double>(*x) / by);
    }
    return {};
  });
}

Result<Outputs> mean_variance_normalization_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_TRY(normalize_axes(args.as<AxesAttrs>().axes, args.shape(0)->size()));
  return one(args.dtype(0), *args.shape(0));
}

// y = (x - mean) / (deviation + 1e-9) over the axes
Status mean_variance_normalization_kernel(const Args& args, std::span<Tensor> outputs) {
  constexpr double kEpsilon = 1e-9;
  const Shape& shape = *args.shape(0);
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const std::vector<std::size_t> axes, normalize_axes(args.as<AxesAttrs>().axes, shape.size()));
  Shape kept = shape, over(shape.size(), 1);
  for (const std::size_t axis : axes) std::swap(kept[axis], over[axis]);
  const Shape strides = dense_strides(shape);
  const auto offset = [&](const Shape& index) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i) at += index[i] * strides[i];
    return at;
  };
  const double count = static_cast<double>(extent_product(over, 0, over.size()));
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    Shape row(shape.size(), 0);
    do {
      const T* x = args.tensor(0).data<T>() + offset(row);
      T* y = outputs[0].data<T>() + offset(row);
      const auto each = [&](auto&& f) {
        Shape index(shape.size(), 0);
        do {
          f(offset(index));
        } while (next_index(index, over, index.size()));
      };
      double mean = 0, squares = 0;
      each([&](std::int64_t i) { mean += static_cast<double>(x[i]) / count; });
      each([&](std::int64_t i) { squares += std::pow(static_cast<double>(x[i]) - mean, 2) / count; });
      const double by = std::sqrt(squares) + kEpsilon;
      each([&](std::int64_t i) { y[i] = static_cast<T>((static_cast<double>(x[i]) - mean) / by); });
    } while (next_index(row, kept, row.size()));
    return {};
  });
}

}  // namespace saker::ops
