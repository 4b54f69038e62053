// LayerNormalization, RMSNormalization, InstanceNormalization and GroupNormalization: rows of x, which are its last
// axes, get a mean of 0 (RMSNormalization leaves it) and a variance of 1, then a scale and a bias.
//   y = (x - mean) / sqrt(variance + epsilon) * scale + bias
#include <cmath>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// x as the operator sees it.
struct NormalizedRows {
  std::int64_t count = 1, length = 1;
  Shape view, parameters;  // the shapes in which x, and scale and bias, broadcast
};

Result<NormalizedRows> rows_from_axis(const Args& args) {
  const Shape& x = *args.shape(0);
  const std::int64_t rank = as_int(x.size());
  const std::int64_t axis = args.as<NormalizationAttrs>().axis;
  if (axis < -rank || axis > rank) return invalid("axis {} is out of range for a tensor of rank {}", axis, rank);
  const std::size_t first = as_size(axis < 0 ? axis + rank : axis);
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (!args.has(i)) continue;
    SAKER_ASSIGN(const Shape together, broadcast_shapes(x, *args.shape(i)));
    if (together != x)
      return invalid("input {} of shape {} stretches x {}", i, to_string(*args.shape(i)), to_string(x));
  }
  return NormalizedRows{extent_product(x, 0, first), extent_product(x, first, x.size()), x, {}};
}

// `parts`: rows of one picture. The parameters have an entry for each part, or for each channel.
Result<NormalizedRows> rows_of_channels(const Args& args, std::int64_t parts) {
  const Shape& x = *args.shape(0);
  const std::int64_t channels = x[1];
  if (parts < 1 || channels < parts || channels % parts != 0)
    return invalid("{} channels in {} groups", channels, parts);
  const Shape& scale = *args.shape(1);
  const bool fits = scale == Shape{parts} || scale == Shape{channels};
  if (!fits || *args.shape(2) != scale) {
    return invalid("scale {} and bias {} for {} channels in {} groups", to_string(scale), to_string(*args.shape(2)),
                   channels, parts);
  }
  const std::int64_t plane = extent_product(x, 2, x.size());
  const std::int64_t each = scale[0] == parts ? parts : channels;
  return NormalizedRows{x[0] * parts, channels / parts * plane, {x[0], each, channels / each * plane}, {each, 1}};
}

Result<NormalizedRows> normalized_rows(const Args& args) {
  const Op op = args.node().op;
  if (op == Op::kLayerNormalization || op == Op::kRMSNormalization) return rows_from_axis(args);
  if (args.shape(0)->size() < 2) return invalid("the input {} has no channels", to_string(*args.shape(0)));
  const std::int64_t channels = (*args.shape(0))[1];
  return rows_of_channels(args, op == Op::kInstanceNormalization ? channels : args.as<NormalizationAttrs>().groups);
}

// Rows of x as y, before scale and bias; mean and 1 / deviation where they are wanted.
template <typename X, typename Y>
void normalize(const Args& args, const NormalizedRows& rows, std::span<Tensor> outputs) {
  const std::int64_t length = rows.length;
  const double epsilon = static_cast<double>(args.as<NormalizationAttrs>().epsilon);
  const bool centred = args.node().op != Op::kRMSNormalization;
  const X* x = args.tensor(0).data<X>();
  Y* y = outputs[0].data<Y>();
  for (std::int64_t row = 0; row < rows.count; ++row, x += length, y += length) {
    double mean = 0, squares = 0;
    for (std::int64_t i = 0; centred && i < length; ++i) mean += static_cast<double>(x[i]);
    mean /= static_cast<double>(length);
    if (!centred) mean = 0;
    for (std::int64_t i = 0; i < length; ++i) {
      const double off = static_cast<double>(x[i]) - mean;
      squares += off * off;
    }
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(length) + epsilon);
    for (std::int64_t i = 0; i < length; ++i) y[i] = static_cast<Y>((static_cast<double>(x[i]) - mean) * inverse);
    if (outputs.size() > 1) outputs[1].data<float>()[row] = static_cast<float>(mean);
    if (outputs.size() > 2) outputs[2].data<float>()[row] = static_cast<float>(inverse);
  }
}

template <typename T>
void scale_and_shift(const Args& args, const NormalizedRows& rows, Tensor& out) {
  const auto shaped = [&](const Tensor& tensor) {
    return rows.parameters.empty() ? tensor : tensor.reshaped(rows.parameters);
  };
  const Tensor y = out.reshaped(rows.view), scale = shaped(args.tensor(1));
  const bool shifts = args.has(2);
  const Tensor bias = shifts ? shaped(args.tensor(2)) : scale;
  const auto run = [&](const auto& at, const auto& step, std::int64_t n) {
    T* to = out.data<T>() + at[0];
    const T* by = scale.data<T>() + at[1];
    const T* plus = bias.data<T>() + at[2];
    for (std::int64_t i = 0; i < n; ++i) {
      const T product = to[i * step[0]] * by[i * step[1]];
      to[i * step[0]] = shifts ? product + plus[i * step[2]] : product;
    }
  };
  broadcast_rows(rows.view, y, scale, bias).each(run);
}

}  // namespace

// Inputs: x, scale, bias (RMSNormalization: none). LayerNormalization has two outputs more, of the rows: the mean, and
// 1 / sqrt(variance + epsilon).
Result<Outputs> layer_normalization_rule(const Args& args) {
  const bool mixed = args.node().op == Op::kRMSNormalization;
  for (std::size_t i = 0; i < args.count(); ++i) {
    if (args.has(i)) SAKER_TRY(args.check_type(i, kFloatTypes));
  }
  if (!mixed) SAKER_TRY(args.check_same_types(kFloatTypes));
  Outputs outputs = one(mixed ? args.dtype(1) : args.dtype(0), std::nullopt);
  for (std::size_t i = 1; i < args.output_count(); ++i) outputs.push_back({DType::kFloat32, std::nullopt});
  if (args.shape(0) != nullptr) outputs[0].shape = *args.shape(0);
  if (!args.has_all_shapes()) return outputs;
  SAKER_ASSIGN(const NormalizedRows rows, normalized_rows(args));
  Shape reduced = *args.shape(0);
  const std::int64_t axis = args.as<NormalizationAttrs>().axis;
  for (std::size_t i = as_size(axis < 0 ? axis + as_int(reduced.size()) : axis); i < reduced.size(); ++i)
    reduced[i] = 1;
  for (std::size_t i = 1; i < outputs.size(); ++i) outputs[i].shape = reduced;
  return outputs;
}

Status layer_normalization_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const NormalizedRows rows, normalized_rows(args));
  return visit_float(args.dtype(0), [&](auto from) {
    return visit_float(outputs[0].dtype(), [&](auto to) -> Status {
      normalize<decltype(from), decltype(to)>(args, rows, outputs);
      scale_and_shift<decltype(to)>(args, rows, outputs[0]);
      return {};
    });
  });
}

}  // namespace saker::ops
