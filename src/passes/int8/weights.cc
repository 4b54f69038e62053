#include "passes/int8/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "base/try.h"

namespace saker {
namespace {

// Scales of one output channel may differ by the roundings of a few float operations.
constexpr float kSameScale = 1e-4F;

// A float for each output and input channel, all 1 at first.
class ChannelFactors {
 public:
  ChannelFactors(std::int64_t outputs, std::int64_t inputs)
      : inputs_(inputs), values_(static_cast<std::size_t>(outputs * inputs), 1.0F) {}
  float& at(std::int64_t o, std::int64_t i) { return values_[static_cast<std::size_t>(o * inputs_ + i)]; }

  // A constant that broadcasts to [M, C, 1, 1].
  bool multiply(const Tensor& factor, std::int64_t outputs) {
    const Shape& shape = factor.shape();
    if (factor.dtype() != DType::kFloat32 || shape.size() > 4) return false;
    const auto extent = [&](std::size_t axis) {  // of [M, C, h, w]
      return axis + shape.size() < 4 ? 1 : shape[axis + shape.size() - 4];
    };
    if (extent(2) != 1 || extent(3) != 1 || (extent(0) != 1 && extent(0) != outputs) ||
        (extent(1) != 1 && extent(1) != inputs_))
      return false;
    for (std::int64_t o = 0; o < outputs; ++o) {
      for (std::int64_t i = 0; i < inputs_; ++i) {
        const std::int64_t row = extent(0) == 1 ? 0 : o, column = extent(1) == 1 ? 0 : i;
        at(o, i) *= factor.data<float>()[row * extent(1) + column];
      }
    }
    return true;
  }

 private:
  std::int64_t inputs_;
  std::vector<float> values_;
};

// weights - zero points, as int8.
Result<std::string> take_integers(const Graph& graph, const Node& dequantize, Tensor& out) {
  const Tensor& from = *graph.value(dequantize.inputs[0]).constant;
  SAKER_ASSIGN(out, Tensor::make(DType::kInt8, from.shape()));
  const std::int64_t per_output = from.shape()[0] == 0 ? 0 : from.elements() / from.shape()[0];
  const Tensor* zero = dequantize.has_input(2) ? &*graph.value(dequantize.inputs[2]).constant : nullptr;
  const std::int64_t axis = dequantize.as<AxisAttrs>().axis;
  if (zero != nullptr && zero->elements() > 1 && axis != 0 && axis != -4)
    return std::string("its weights have a zero point for each input channel");
  const bool is_unsigned = from.dtype() == DType::kUint8;
  const auto element = [&](const Tensor& tensor, std::int64_t i) {
    return is_unsigned ? static_cast<int>(tensor.data<std::uint8_t>()[i])
                       : static_cast<int>(tensor.data<std::int8_t>()[i]);
  };
  for (std::int64_t i = 0; i < from.elements(); ++i) {
    const int shift = zero == nullptr ? 0 : element(*zero, zero->elements() > 1 ? i / per_output : 0);
    const int value = element(from, i) - shift;
    if (value < -128 || value > 127) return std::string("its weights minus their zero point do not fit int8");
    out.data<std::int8_t>()[i] = static_cast<std::int8_t>(value);
  }
  return std::string();
}

}  // namespace

Result<std::string> find_int8_weights(const Graph& graph, const std::vector<std::int32_t>& producer, const Node& conv,
                                      const Quantization& x, Int8Weights& found) {
  const Shape* shape = graph.value(conv.inputs[1]).shape ? &*graph.value(conv.inputs[1]).shape : nullptr;
  if (shape == nullptr || shape->size() != 4) return std::string("it is not 2-D");
  const std::int64_t outputs = (*shape)[0], inputs = (*shape)[1];
  ChannelFactors factors(outputs, inputs);
  const Node* node = producer_of(graph, producer, conv.inputs[1]);
  while (node != nullptr && node->op == Op::kMul) {
    const std::size_t side = graph.value(node->inputs[1]).constant ? 1 : 0;
    const Value& factor = graph.value(node->inputs[side]);
    if (!factor.constant || !factors.multiply(*factor.constant, outputs))
      return std::string("its weights are not 8-bit");
    node = producer_of(graph, producer, node->inputs[1 - side]);
  }
  if (node == nullptr || node->op != Op::kDequantizeLinear) return std::string("its weights are not 8-bit");
  const Value& bytes = graph.value(node->inputs[0]);
  const Value& scale = graph.value(node->inputs[1]);
  const bool is_byte = bytes.dtype == DType::kInt8 || bytes.dtype == DType::kUint8;
  if (is_byte && node->as<AxisAttrs>().block != 0) return std::string("its weights have a scale for each block");
  if (!bytes.constant || !is_byte || !scale.constant || (node->has_input(2) && !graph.value(node->inputs[2]).constant))
    return std::string("its weights are not constant");
  if (bytes.constant->shape() != *shape) return std::string("its weights are stretched");
  Tensor scales = *scale.constant;
  if (scales.elements() > 1) {
    const std::int64_t axis = node->as<AxisAttrs>().axis;
    if (axis != 0 && axis != -4 && axis != 1 && axis != -3) return std::string("the axis of its weights' scales");
    scales = scales.reshaped(axis == 0 || axis == -4 ? Shape{outputs, 1, 1, 1} : Shape{1, inputs, 1, 1});
  }
  if (!factors.multiply(scales, outputs)) return std::string("the scales of its weights do not fit");
  SAKER_ASSIGN(std::string reason, take_integers(graph, *node, found.weights));
  if (!reason.empty()) return reason;

  const std::int64_t group = conv.as<ConvAttrs>().group, taps = (*shape)[2] * (*shape)[3];
  found.multiplier.assign(static_cast<std::size_t>(outputs), 0);
  for (std::int64_t o = 0; o < outputs; ++o) {
    float common = 0;
    for (std::int64_t i = 0; i < inputs; ++i) {
      const std::int8_t* w = found.weights.data<std::int8_t>() + (o * inputs + i) * taps;
      bool used = false;
      for (std::int64_t t = 0; t < taps; ++t) used = used || w[t] != 0;
      const float own = factors.at(o, i) * x.scale_of(o / (outputs / group) * inputs + i);
      if (!std::isfinite(own)) return std::string("the scales of its weights are not finite");
      if (!used) continue;
      if (common == 0) common = own;
      if (std::fabs(own - common) > kSameScale * std::fabs(common))
        return std::string("its input channels have scales of their own, which its weights do not cancel");
    }
    found.multiplier[static_cast<std::size_t>(o)] = common;
  }
  return std::string();
}

}  // namespace saker
