// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: 8-bit and 16-bit numbers and what they stand for.
//   x = scale * (q - zero point),  q = clamp(round half to even(x / scale) + zero point)
#include <algorithm>
#include <cmath>

#include "base/dynamic_range.h"
#include "base/half.h"
#include "graph/ops/convert.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

constexpr TypeSet kQuantizedTypes = type_set({DType::kInt8, DType::kUint8, DType::kInt16, DType::kUint16});
constexpr TypeSet kScaleTypes = type_set({DType::kFloat32, DType::kFloat16, DType::kBFloat16});

float scale_at(const Tensor& scale, std::int64_t i) {
  if (scale.dtype() == DType::kFloat32) return scale.data<float>()[i];
  const std::uint16_t bits = scale.data<std::uint16_t>()[i];
  return scale.dtype() == DType::kFloat16 ? half_to_float(bits) : bfloat16_to_float(bits);
}

// A scale that is not a positive normal number has no meaning, or loses all precision. int32 (biases) may stand for
// numbers as small as the product of two scales is.
Status check_scale(const Args& args, bool may_be_subnormal) {
  SAKER_TRY(args.check_type(1, kScaleTypes));
  const Tensor* scale = args.constant(1);
  if (scale == nullptr) return {};
  for (std::int64_t i = 0; i < scale->elements(); ++i) {
    const float value = scale_at(*scale, i);
    const bool fits = may_be_subnormal ? value > 0 && std::isfinite(value) : value > 0 && std::isnormal(value);
    if (!fits) return invalid("its scale is {}: it must be a positive, finite, normal number", value);
  }
  return {};
}

// One scale for each block of `block` elements of the axis, and for each index of the others.
Status check_blocks(const Shape& x, const Shape& scale, const AxisAttrs& attrs) {
  if (attrs.block < 0 || scale.size() != x.size())
    return invalid("blocks of {}, with scales of shape {} for {}", attrs.block, to_string(scale), to_string(x));
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, x.size()));
  Shape expected = x;
  expected[axis] = x[axis] / attrs.block + (x[axis] % attrs.block != 0 ? 1 : 0);
  if (scale == expected) return {};
  return invalid("blocks of {} need scales of shape {}, not {}", attrs.block, to_string(expected), to_string(scale));
}

// The parameters have one element, or one for each index of the axis, or one for each block of them.
Status check_parameters(const Args& args) {
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return {};
  const auto& attrs = args.as<AxisAttrs>();
  const Shape& x = *args.shape(0);
  const Shape& scale = *args.shape(1);
  SAKER_ASSIGN(const std::int64_t count, element_count(scale));
  if (args.has(2) && args.shape(2) != nullptr) {
    SAKER_ASSIGN(const std::int64_t zero_points, element_count(*args.shape(2)));
    if (zero_points != count) return invalid("{} scales but {} zero points", count, zero_points);
  }
  if (attrs.block != 0) return check_blocks(x, scale, attrs);
  if (count == 1 && scale.size() <= 1) return {};
  if (scale.size() != 1)
    return invalid("scales of shape {} without block_size: there is one, or one for each index of an axis",
                   to_string(scale));
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, x.size()));
  if (x[axis] != count) return invalid("{} scales for {} indices of axis {}", count, x[axis], axis);
  return {};
}

Result<Outputs> with_shape(DType dtype, const Shape* shape) {
  return one(dtype, shape == nullptr ? std::nullopt : std::optional(*shape));
}

// Calls body(i, k) for every element i with its parameters' index k.
template <typename Body>
void each_element(const Args& args, Body&& body) {
  const auto& attrs = args.as<AxisAttrs>();
  const Shape& x = *args.shape(0);
  const std::int64_t count = args.tensor(1).elements();
  const std::int64_t elements = args.tensor(0).elements();
  if (elements == 0) return;
  if (count == 1) {
    for (std::int64_t i = 0; i < elements; ++i) body(i, 0);
    return;
  }
  const std::size_t axis = normalize_axis(attrs.axis, x.size()).value();
  const std::int64_t inner = extent_product(x, axis + 1, x.size()), extent = x[axis];
  if (attrs.block == 0) {
    for (std::int64_t i = 0; i < elements; ++i) body(i, i / inner % extent);
    return;
  }
  const std::int64_t blocks = (*args.shape(1))[axis];
  for (std::int64_t i = 0; i < elements; ++i)
    body(i, (i / inner / extent * blocks + i / inner % extent / attrs.block) * inner + i % inner);
}

template <typename F>
Status visit_quantized(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kInt8:
      return f(std::int8_t{});
    case DType::kUint8:
      return f(std::uint8_t{});
    case DType::kInt16:
      return f(std::int16_t{});
    case DType::kUint16:
      return f(std::uint16_t{});
    default:
      return f(std::int32_t{});
  }
}

template <typename From, typename To>
void quantize(const Args& args, Tensor& out) {
  const From* x = args.tensor(0).data<From>();
  const float* scale = args.tensor(1).data<float>();
  const To* zero = args.has(2) ? args.tensor(2).data<To>() : nullptr;
  To* y = out.data<To>();
  each_element(args, [&](std::int64_t i, std::int64_t k) {
    const float steps = std::nearbyint(static_cast<float>(x[i]) / scale[k]);
    y[i] = number_cast<To>(steps + static_cast<float>(zero == nullptr ? 0 : zero[k]));
  });
}

template <typename T>
void dequantize(const Args& args, Tensor& out) {
  const T* x = args.tensor(0).data<T>();
  const float* scale = args.tensor(1).data<float>();
  const T* zero = args.has(2) ? args.tensor(2).data<T>() : nullptr;
  float* y = out.data<float>();
  each_element(args, [&](std::int64_t i, std::int64_t k) {
    const std::int64_t steps = static_cast<std::int64_t>(x[i]) - (zero == nullptr ? 0 : zero[k]);
    y[i] = static_cast<float>(steps) * scale[k];
  });
}

}  // namespace

Result<Outputs> quantize_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kScaleTypes | type_set({DType::kInt32})));
  if (args.has(2)) SAKER_TRY(args.check_type(2, kQuantizedTypes));
  SAKER_TRY(check_scale(args, false));
  SAKER_TRY(check_parameters(args));
  return with_shape(args.has(2) ? args.dtype(2) : DType::kUint8, args.shape(0));
}

Status quantize_kernel(const Args& args, std::span<Tensor> outputs) {
  const bool from_floats = args.dtype(0) == DType::kFloat32;
  return visit_quantized(outputs[0].dtype(), [&](auto to) -> Status {
    from_floats ? quantize<float, decltype(to)>(args, outputs[0])
                : quantize<std::int32_t, decltype(to)>(args, outputs[0]);
    return {};
  });
}

// The result has the type of the scale.
Result<Outputs> dequantize_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kQuantizedTypes | type_set({DType::kInt32})));
  const bool is_wide = args.dtype(0) == DType::kInt32;
  if (args.has(2) && args.dtype(2) != args.dtype(0))
    return invalid("{} numbers but {} zero points", dtype_name(args.dtype(0)), dtype_name(args.dtype(2)));
  SAKER_TRY(check_scale(args, is_wide));
  SAKER_TRY(check_parameters(args));
  return with_shape(args.dtype(1), args.shape(0));
}

Status dequantize_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_quantized(args.dtype(0), [&](auto from) -> Status {
    dequantize<decltype(from)>(args, outputs[0]);
    return {};
  });
}

Result<Outputs> dynamic_quantize_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, type_set({DType::kFloat32})));
  Outputs outputs(3);
  outputs[0].dtype = outputs[2].dtype = DType::kUint8;
  if (args.shape(0) != nullptr) outputs[0].shape = *args.shape(0);
  outputs[1].shape = outputs[2].shape = Shape{};
  return outputs;
}

// The range includes 0.
Status dynamic_quantize_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& x = args.tensor(0);
  float low = 0, high = 0;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    low = std::min(low, x.data<float>()[i]);
    high = std::max(high, x.data<float>()[i]);
  }
  const auto [scale, zero] = DynamicRange::of(low, high);
  for (std::int64_t i = 0; i < x.elements(); ++i)
    outputs[0].data<std::uint8_t>()[i] = number_cast<std::uint8_t>(std::nearbyint(x.data<float>()[i] / scale) + zero);
  *outputs[1].data<float>() = scale;
  *outputs[2].data<std::uint8_t>() = static_cast<std::uint8_t>(zero);
  return {};
}

}  // namespace saker::ops
