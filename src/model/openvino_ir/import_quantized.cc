// Quantization. IR writes it as FakeQuantize, which rounds floats to steps, and compressed weights as Convert, Subtract
// and Multiply. Both become QuantizeLinear and DequantizeLinear, in which passes find the integers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/try.h"
#include "graph/op_def.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

constexpr double kNearInteger = 1e-3;
constexpr std::int64_t kMaxByteLevels = 256, kMaxLevels = std::int64_t{1} << 16;

bool is_byte(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kUint8;
}
bool is_float(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat64;
}

Status check_scale(float scale) {
  if (scale > 0 && std::isnormal(scale)) return {};
  return Error{ErrorCode::kInvalid,
               fmt::format("its scale is {}: it must be a positive, finite, normal number", scale)};
}

// The axis along which a parameter varies, counted from the end; 0: one number for all. Empty: more axes than one.
std::optional<std::int64_t> axis_of(const Shape& shape) {
  std::int64_t axis = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (axis != 0) return std::nullopt;
    axis = static_cast<std::int64_t>(i) - static_cast<std::int64_t>(shape.size());
  }
  return axis;
}

// Of zero points and scales: scalars, or lists for the axis.
Shape list_shape(std::size_t count) {
  return count == 1 ? Shape{} : Shape{static_cast<std::int64_t>(count)};
}

Result<ValueId> zero_list(LayerImporter& layer, std::string_view what, std::span<const std::int64_t> values,
                          DType dtype) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, list_shape(values.size())));
  for (std::size_t i = 0; i < values.size(); ++i)
    tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(values[i]);  // int8 has the same bits
  return layer.constant_of(what, std::move(tensor));
}

// ---- compressed weights ----

const Dequantized* form_of(LayerImporter& layer, std::size_t i) {
  const auto found = layer.work().dequantized.find(layer.input(i));
  return found == layer.work().dequantized.end() ? nullptr : &found->second;
}

// A parameter's shape as one of the rank of the weights; empty where it would stretch them.
std::optional<Shape> aligned(const Shape& parameter, const Shape& weights) {
  if (parameter.size() > weights.size()) return std::nullopt;
  Shape shape(weights.size() - parameter.size(), 1);
  shape.insert(shape.end(), parameter.begin(), parameter.end());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 1 && shape[i] != weights[i]) return std::nullopt;
  }
  return shape;
}

// Zero points as integers: constants, or bytes behind a Convert. Empty: they are something else.
Result<std::optional<std::vector<std::int64_t>>> zero_points(LayerImporter& layer, std::size_t i, DType bytes) {
  const Dequantized* form = form_of(layer, i);
  const Tensor* from = form != nullptr && !form->has_scale && !form->has_zero ? &form->bytes : layer.constant(i);
  if (from == nullptr) return std::optional<std::vector<std::int64_t>>();
  SAKER_ASSIGN(const Tensor numbers, layer.work().constants.converted(*from, DType::kFloat32));
  const double low = bytes == DType::kInt8 ? -128 : 0, high = bytes == DType::kInt8 ? 127 : 255;
  std::vector<std::int64_t> zeros;
  SAKER_TRY(layer.work().constants.spend(static_cast<std::size_t>(numbers.elements()) * sizeof(std::int64_t)));
  for (std::int64_t k = 0; k < numbers.elements(); ++k) {
    const double value = static_cast<double>(numbers.data<float>()[k]), whole = std::nearbyint(value);
    if (!(whole >= low && whole <= high))
      return Error{ErrorCode::kInvalid,
                   fmt::format("its zero point {} is out of the range of {}", value, dtype_name(bytes))};
    if (std::fabs(value - whole) > kNearInteger) return std::optional<std::vector<std::int64_t>>();
    zeros.push_back(static_cast<std::int64_t>(whole));
  }
  return std::optional(std::move(zeros));
}

// values of shape `from` for each index of `to`, which it broadcasts to.
template <typename T>
std::vector<T> stretched(const std::vector<T>& values, const Shape& from, const Shape& to) {
  std::vector<T> out;
  std::int64_t count = 1;
  for (const std::int64_t extent : to) count *= extent;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i, index = 0, stride = 1;
    for (std::size_t axis = to.size(); axis-- > 0;) {
      const std::int64_t at = rest % to[axis];
      rest /= to[axis];
      if (from[axis] != 1) index += at * stride;
      stride *= from[axis];
    }
    out.push_back(values[static_cast<std::size_t>(index)]);
  }
  return out;
}

// Gives the scales, which have a shape of their own, and the zero points one shape.
Status unite(LayerImporter& layer, Dequantized& form, const Shape& scale_shape) {
  Shape both = form.shape;
  std::size_t count = 1;
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i] = std::max(both[i], scale_shape[i]);
    count *= static_cast<std::size_t>(both[i]);
  }
  SAKER_TRY(layer.work().constants.spend(count * (sizeof(float) + sizeof(std::int64_t))));
  if (form.has_zero) form.zero = stretched(form.zero, form.shape, both);
  form.scale = stretched(form.scale, scale_shape, both);
  form.shape = std::move(both);
  return {};
}

Result<ValueId> append_dequantize(LayerImporter& layer, const Dequantized& form, ValueId bytes, std::int64_t axis) {
  SAKER_ASSIGN(const ValueId scale, layer.float_list("scale", form.scale, list_shape(form.scale.size())));
  std::vector<ValueId> inputs = {bytes, scale};
  if (form.has_zero) {
    SAKER_ASSIGN(inputs.emplace_back(), zero_list(layer, "zero_point", form.zero, form.bytes.dtype()));
  }
  return layer.step(Op::kDequantizeLinear, AxisAttrs{axis}, std::move(inputs), "weights");
}

// Output 0 as a DequantizeLinear, if its parameters vary along one axis.
Result<bool> emit_dequantize(LayerImporter& layer, Dequantized form) {
  const auto axis = axis_of(form.shape);
  if (!axis) return false;
  const auto rank = static_cast<std::int64_t>(form.shape.size());
  const ValueId bytes = layer.constant_of("bytes", form.bytes);
  SAKER_ASSIGN(const ValueId result, append_dequantize(layer, form, bytes, *axis == 0 ? 0 : *axis + rank));
  layer.set_output(0, result);
  layer.work().dequantized.emplace(result, std::move(form));
  return true;
}

// ---- FakeQuantize ----

struct Range {
  Shape shape;
  std::vector<float> low, high;
};

Result<Range> range_of(LayerImporter& layer, std::size_t i) {
  const bool is_input = i == 1;
  SAKER_ASSIGN(const Tensor low, layer.floats(i, is_input ? "its input_low" : "its output_low"));
  SAKER_ASSIGN(const Tensor high, layer.floats(i + 1, is_input ? "its input_high" : "its output_high"));
  const Tensor& larger = low.elements() >= high.elements() ? low : high;
  Range range{larger.shape(), {}, {}};
  if (larger.elements() == 0 || (low.shape() != high.shape() && std::min(low.elements(), high.elements()) != 1))
    return Error{ErrorCode::kUnsupported,
                 fmt::format("ranges of shapes {} and {}", to_string(low.shape()), to_string(high.shape()))};
  constexpr std::size_t kBytes = 64;  // of an entry, with what is made of it
  SAKER_TRY(layer.work().constants.spend(static_cast<std::size_t>(larger.elements()) * kBytes));
  for (std::int64_t k = 0; k < larger.elements(); ++k) {
    range.low.push_back(low.data<float>()[low.elements() == 1 ? 0 : k]);
    range.high.push_back(high.data<float>()[high.elements() == 1 ? 0 : k]);
  }
  return range;
}

// The steps of a range: scale, and the step that stands for 0, which need not be whole.
struct Steps {
  std::vector<float> scale;
  std::vector<double> zero;
  std::optional<std::int64_t> axis;  // axis_of

  // As bytes; empty where they are not whole, or not among the steps.
  std::optional<std::vector<std::int64_t>> whole(std::int64_t levels) const {
    std::vector<std::int64_t> out;
    for (const double value : zero) {
      const double nearest = std::nearbyint(value);
      if (std::fabs(value - nearest) > kNearInteger || nearest < 0 || nearest > static_cast<double>(levels - 1))
        return std::nullopt;
      out.push_back(static_cast<std::int64_t>(nearest));
    }
    return out;
  }
};

Result<Steps> steps_of(const Range& range, std::int64_t levels) {
  Steps steps;
  steps.axis = axis_of(range.shape);
  for (std::size_t k = 0; k < range.low.size(); ++k) {
    const double low = static_cast<double>(range.low[k]), high = static_cast<double>(range.high[k]);
    const double scale = (high - low) / static_cast<double>(levels - 1);
    steps.scale.push_back(static_cast<float>(scale));
    if (auto status = check_scale(steps.scale.back()); !status.ok())
      return status.error().with_context(fmt::format("range {} to {}", low, high));
    steps.zero.push_back(-low / scale);
  }
  return steps;
}

class FakeQuantizer {
 public:
  FakeQuantizer(LayerImporter& layer, std::int64_t levels, Range in, Range out, Steps in_steps, Steps out_steps)
      : layer_(layer),
        levels_(levels),
        in_(std::move(in)),
        out_(std::move(out)),
        in_steps_(std::move(in_steps)),
        out_steps_(std::move(out_steps)) {}

  // Float32 to float32.
  Result<ValueId> append(ValueId x) {
    if (levels_ > kMaxByteLevels || !in_steps_.axis || !out_steps_.axis) return append_arithmetic(x);
    const auto in_zero = in_steps_.whole(levels_), out_zero = out_steps_.whole(levels_);
    if (in_zero && out_zero) {
      SAKER_ASSIGN(const ValueId bytes, quantize(x, *in_zero));
      return dequantize(bytes, *out_zero);
    }
    // Steps counted from the lower end, so that none has to stand for 0.
    SAKER_ASSIGN(const ValueId in_low, layer_.float_list("input_low", in_.low, in_.shape));
    SAKER_ASSIGN(const ValueId out_low, layer_.float_list("output_low", out_.low, out_.shape));
    const ValueId shifted = layer_.step(Op::kSub, {}, {x, in_low}, "shifted");
    for (std::size_t k = 0; k < in_.low.size(); ++k) in_.high[k] -= in_.low[k];
    SAKER_ASSIGN(const ValueId bytes, quantize(shifted, std::vector<std::int64_t>(in_.low.size(), 0)));
    SAKER_ASSIGN(const ValueId values, dequantize(bytes, std::vector<std::int64_t>(out_.low.size(), 0)));
    return layer_.step(Op::kAdd, {}, {values, out_low}, "values");
  }

 private:
  Result<ValueId> quantize(ValueId x, const std::vector<std::int64_t>& zero) {
    if (levels_ < kMaxByteLevels) {  // a byte would go on behind the last step
      SAKER_ASSIGN(const ValueId high, layer_.float_list("input_high", in_.high, in_.shape));
      x = layer_.step(Op::kMin, {}, {x, high}, "clipped");
    }
    SAKER_ASSIGN(const ValueId scale, layer_.float_list("scale", in_steps_.scale, list_shape(zero.size())));
    SAKER_ASSIGN(const ValueId zeros, zero_list(layer_, "zero_point", zero, DType::kUint8));
    return layer_.step(Op::kQuantizeLinear, axis_attrs(in_steps_), {x, scale, zeros}, "bytes", DType::kUint8);
  }

  Result<ValueId> dequantize(ValueId bytes, const std::vector<std::int64_t>& zero) {
    SAKER_ASSIGN(const ValueId scale, layer_.float_list("scale", out_steps_.scale, list_shape(zero.size())));
    SAKER_ASSIGN(const ValueId zeros, zero_list(layer_, "zero_point", zero, DType::kUint8));
    return layer_.step(Op::kDequantizeLinear, axis_attrs(out_steps_), {bytes, scale, zeros}, "dequantized");
  }

  static AxisAttrs axis_attrs(const Steps& steps) { return AxisAttrs{*steps.axis == 0 ? 1 : *steps.axis}; }

  // floor(min(max((x - low) / scale, 0), levels - 1) + 1/2) * scale + low
  Result<ValueId> append_arithmetic(ValueId x) {
    SAKER_ASSIGN(const ValueId in_low, layer_.float_list("input_low", in_.low, in_.shape));
    SAKER_ASSIGN(const ValueId in_scale, layer_.float_list("input_scale", in_steps_.scale, in_.shape));
    SAKER_ASSIGN(const ValueId out_low, layer_.float_list("output_low", out_.low, out_.shape));
    SAKER_ASSIGN(const ValueId out_scale, layer_.float_list("output_scale", out_steps_.scale, out_.shape));
    SAKER_ASSIGN(const ValueId first, layer_.float_constant("first", 0, DType::kFloat32));
    SAKER_ASSIGN(const ValueId last, layer_.float_constant("last", static_cast<float>(levels_ - 1), DType::kFloat32));
    SAKER_ASSIGN(const ValueId half, layer_.float_constant("half", 0.5F, DType::kFloat32));
    ValueId at = layer_.step(Op::kSub, {}, {x, in_low}, "shifted");
    at = layer_.step(Op::kDiv, {}, {at, in_scale}, "scaled");
    at = layer_.step(Op::kClip, {}, {at, first, last}, "clipped");
    at = layer_.step(Op::kAdd, {}, {at, half}, "upper");
    at = layer_.step(Op::kFloor, {}, {at}, "steps");
    at = layer_.step(Op::kMul, {}, {at, out_scale}, "distance");
    return layer_.step(Op::kAdd, {}, {at, out_low}, "values");
  }

  LayerImporter& layer_;
  std::int64_t levels_;
  Range in_, out_;
  Steps in_steps_, out_steps_;
};

// FakeQuantize of constant weights: the bytes are known. Empty: no bytes stand for its steps.
Result<std::optional<Dequantized>> quantized_weights(LayerImporter& layer, std::int64_t levels, const Range& in,
                                                     const Range& out, const Steps& in_steps, const Steps& out_steps) {
  const std::optional<Dequantized> none;
  const auto zero = out_steps.whole(levels);
  SAKER_ASSIGN(const Tensor x, layer.floats(0, "its data"));
  const auto in_shape = aligned(in.shape, x.shape()), out_shape = aligned(out.shape, x.shape());
  if (levels > kMaxByteLevels || x.shape().size() < 2 || !zero || !in_shape || !out_shape) return none;
  Dequantized form{{}, *out_shape, out_steps.scale, *zero, true, true};
  SAKER_ASSIGN(form.bytes, layer.work().constants.converted(x, DType::kUint8));  // for its memory
  const Shape strides = dense_strides(*in_shape);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    std::int64_t rest = i, index = 0;
    for (std::size_t axis = x.shape().size(); axis-- > 0;) {
      const std::int64_t at = rest % x.shape()[axis];
      rest /= x.shape()[axis];
      if ((*in_shape)[axis] != 1) index += at * strides[axis];
    }
    const auto k = static_cast<std::size_t>(index);
    const double value = static_cast<double>(x.data<float>()[i]);
    const double step =
        std::nearbyint((value - static_cast<double>(in.low[k])) / static_cast<double>(in_steps.scale[k]));
    form.bytes.data<std::uint8_t>()[i] =
        step > 0 ? static_cast<std::uint8_t>(std::min(step, static_cast<double>(levels - 1))) : std::uint8_t{0};
  }
  return std::optional(std::move(form));
}

}  // namespace

Result<std::optional<ValueId>> dequantize_as(LayerImporter& layer, const Dequantized& form, const Shape& shape) {
  // The same along every axis that is not outermost in both.
  const std::size_t merged = form.bytes.shape().size() - shape.size() + 1;
  for (std::size_t i = merged; i < form.shape.size(); ++i) {
    if (form.shape[i] != 1) return std::optional<ValueId>();
  }
  Dequantized as = form;
  as.bytes = form.bytes.reshaped(shape);
  if (form.scale.size() > 1) {
    Shape all(form.bytes.shape().begin(), form.bytes.shape().begin() + static_cast<std::ptrdiff_t>(merged));
    const Shape some(form.shape.begin(), form.shape.begin() + static_cast<std::ptrdiff_t>(merged));
    as.scale = stretched(form.scale, some, all);
    if (form.has_zero) as.zero = stretched(form.zero, some, all);
  }
  const ValueId bytes = layer.constant_of("bytes", as.bytes);
  SAKER_ASSIGN(const ValueId result, append_dequantize(layer, as, bytes, 0));
  return std::optional(result);
}

// Compressed weights keep their form; float16 constants become float32.
Status import_convert(LayerImporter& layer) {
  SAKER_ASSIGN(const DType to, element_type(layer.text_attr("destination_type", "")));
  const Dequantized* form = form_of(layer, 0);
  if (form != nullptr && form->has_scale && to == DType::kFloat32) {
    SAKER_ASSIGN(const bool done, emit_dequantize(layer, *form));
    if (done) return {};
  }
  const Tensor* constant = layer.constant(0);
  if (constant == nullptr) return layer.emit(Op::kCast, CastAttrs{to});
  if (is_byte(constant->dtype()) && is_float(to)) {
    Dequantized bytes{*constant, Shape(constant->shape().size(), 1), {}, {}, false, false};
    SAKER_TRY(layer.emit(Op::kCast, CastAttrs{to}));
    layer.work().dequantized.emplace(layer.work().graph.nodes.back().outputs[0], std::move(bytes));
    return {};
  }
  SAKER_ASSIGN(Tensor made, layer.work().constants.converted(*constant, to));
  layer.set_output(0, layer.constant_of("converted", std::move(made)));
  return {};
}

Result<bool> subtract_zero_point(LayerImporter& layer) {
  const Dequantized* form = form_of(layer, 0);
  if (form == nullptr || form->has_scale || form->has_zero || form->shape.size() < 2) return false;
  const auto shape = aligned(layer.dims(1), form->bytes.shape());
  if (!shape) return false;
  Dequantized shifted = *form;
  SAKER_ASSIGN(auto zero, zero_points(layer, 1, form->bytes.dtype()));
  if (!zero || zero->empty() || static_cast<std::int64_t>(zero->size()) != element_count(*shape).value()) return false;
  shifted.zero = std::move(*zero);
  shifted.has_zero = true;
  shifted.shape = *shape;
  SAKER_TRY(layer.emit(Op::kSub));
  layer.work().dequantized.emplace(layer.work().graph.nodes.back().outputs[0], std::move(shifted));
  return true;
}

Result<bool> multiply_scale(LayerImporter& layer) {
  const std::size_t side = form_of(layer, 0) != nullptr ? 0 : 1;
  const Dequantized* form = form_of(layer, side);
  if (form == nullptr || form->has_scale || form->shape.size() < 2 || layer.constant(1 - side) == nullptr) return false;
  const auto shape = aligned(layer.dims(1 - side), form->bytes.shape());
  if (!shape) return false;
  Dequantized scaled = *form;
  const DType dtype = layer.dtype(1 - side);
  SAKER_ASSIGN(const Tensor scale, layer.floats(1 - side, "its scale"));
  SAKER_TRY(layer.work().constants.spend(scale.bytes()));
  for (std::int64_t k = 0; k < scale.elements(); ++k) {
    SAKER_TRY(check_scale(scale.data<float>()[k]));
    scaled.scale.push_back(scale.data<float>()[k]);
  }
  if (scaled.scale.empty()) return false;
  scaled.has_scale = true;
  SAKER_TRY(unite(layer, scaled, *shape));
  if (dtype == DType::kFloat32) {
    SAKER_ASSIGN(const bool done, emit_dequantize(layer, scaled));
    if (done) return true;
  }
  SAKER_TRY(layer.emit(Op::kMul));
  layer.work().dequantized.emplace(layer.work().graph.nodes.back().outputs[0], std::move(scaled));
  return true;
}

Status import_fake_quantize(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t levels, layer.int_attr("levels", 0));
  if (levels < 2 || levels > kMaxLevels)
    return Error{ErrorCode::kInvalid, fmt::format("levels is {}: 2 to {} are supported", levels, kMaxLevels)};
  const std::string_view broadcast = layer.text_attr("auto_broadcast", "numpy");
  if (broadcast != "numpy")
    return Error{ErrorCode::kUnsupported, fmt::format("auto_broadcast '{}'", printable_name(broadcast))};
  SAKER_ASSIGN(Range in, range_of(layer, 1));
  SAKER_ASSIGN(Range out, range_of(layer, 3));
  SAKER_ASSIGN(Steps in_steps, steps_of(in, levels));
  SAKER_ASSIGN(Steps out_steps, steps_of(out, levels));
  if (layer.constant(0) != nullptr) {
    SAKER_ASSIGN(auto weights, quantized_weights(layer, levels, in, out, in_steps, out_steps));
    if (weights) {
      SAKER_ASSIGN(const bool done, emit_dequantize(layer, std::move(*weights)));
      if (done) return {};
    }
  }
  const DType dtype = layer.dtype(0);
  SAKER_ASSIGN(const ValueId x, layer.input_as(0, DType::kFloat32));
  FakeQuantizer quantizer(layer, levels, std::move(in), std::move(out), std::move(in_steps), std::move(out_steps));
  SAKER_ASSIGN(ValueId result, quantizer.append(x));
  if (dtype != DType::kFloat32) result = layer.step(Op::kCast, CastAttrs{dtype}, {result}, "cast", dtype);
  layer.set_output(0, result);
  return {};
}

}  // namespace saker::openvino_ir
