// BatchNormalization (inference) and Softmax.
#include <algorithm>
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

// Inputs: x [N, C, ...], scale, bias, mean, variance, each [C]. A vector x has one channel.
Result<Outputs> batch_normalization_rule(const Args& args) {
  for (std::size_t i = 0; i < args.count(); ++i) SAKER_TRY(args.check_type(i, kFloatTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  if (x.empty()) return invalid("the input is a scalar");
  const std::int64_t channels = x.size() > 1 ? x[1] : 1;
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (args.shape(i) != nullptr && *args.shape(i) != Shape{channels}) {
      return invalid("input {} has shape {}, but there are {} channels", i, to_string(*args.shape(i)), channels);
    }
  }
  return one(args.dtype(0), x);
}

// y = (x - mean) / sqrt(variance + epsilon) * scale + bias
Status batch_normalization_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  const Shape& shape = out.shape();
  if (out.elements() == 0) return {};
  const std::int64_t channels = shape.size() > 1 ? shape[1] : 1;
  const std::int64_t plane = shape.size() > 1 ? extent_product(shape, 2, shape.size()) : 1;
  Tensor parameters[4];
  for (std::size_t i = 0; i < 4; ++i) {
    SAKER_ASSIGN(parameters[i], converted(args.tensor(i + 1), DType::kFloat64));
  }
  const double epsilon = static_cast<double>(args.as<BatchNormalizationAttrs>().epsilon);
  return visit_float(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* x = args.tensor(0).data<T>();
    T* to = out.data<T>();
    for (std::int64_t i = 0; i < out.elements() / plane; ++i) {
      const auto parameter = [&, c = i % channels](std::size_t p) { return parameters[p].data<double>()[c]; };
      const double slope = parameter(0) / std::sqrt(parameter(3) + epsilon);
      const double mean = parameter(2);
      const double bias = parameter(1);
      for (std::int64_t k = 0; k < plane; ++k) {
        *to++ = static_cast<T>((static_cast<double>(*x++) - mean) * slope + bias);
      }
    }
    return {};
  });
}

std::size_t batch_normalization_scratch(const Args& args, const Outputs& /*outputs*/) {
  std::size_t bytes = 0;
  for (std::size_t i = 1; i < args.count(); ++i) bytes += converted_bytes(args, i, DType::kFloat64);
  return bytes;
}

Result<Outputs> softmax_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const auto& attrs = args.as<SoftmaxAttrs>();
  Shape shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  if (!attrs.expectation.empty()) shape[axis] = 1;
  return one(args.dtype(0), std::move(shape));
}

// y = exp(x - max) / sum(exp(x - max)) along the axis, or along all axes from it on; or the expectation under y.
Status softmax_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  const Shape& shape = args.tensor(0).shape();
  if (out.elements() == 0) return {};
  const auto& attrs = args.as<SoftmaxAttrs>();
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  const std::size_t end = attrs.flatten_trailing ? shape.size() : axis + 1;
  const std::int64_t length = extent_product(shape, axis, end);
  const std::int64_t inner = extent_product(shape, end, shape.size());
  const std::int64_t outer = extent_product(shape, 0, axis);
  return visit_float(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < outer * inner; ++row) {
      const std::int64_t offset = row / inner * length * inner + row % inner;
      const T* x = args.tensor(0).data<T>() + offset;
      T* to = out.data<T>() + (attrs.expectation.empty() ? offset : row);
      T top = x[0];
      for (std::int64_t i = 1; i < length; ++i) top = std::max(top, x[i * inner]);
      double sum = 0;
      const auto power = [&](std::int64_t i) {
        return std::exp(static_cast<double>(x[i * inner]) - static_cast<double>(top));
      };
      for (std::int64_t i = 0; i < length; ++i) sum += power(i);
      if (!attrs.expectation.empty()) {
        double expected = 0;
        for (std::int64_t i = 0; i < length; ++i)
          expected += power(i) * static_cast<double>(attrs.expectation[static_cast<std::size_t>(i)]);
        *to = static_cast<T>(expected / sum);
        continue;
      }
      for (std::int64_t i = 0; i < length; ++i) to[i * inner] = static_cast<T>(power(i) / sum);
    }
    return {};
  });
}

}  // namespace saker::ops
