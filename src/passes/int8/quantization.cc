#include "passes/int8/quantization.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

template <typename T>
std::vector<T> elements(const Tensor& tensor) {
  return {tensor.data<T>(), tensor.data<T>() + tensor.elements()};
}

template <typename T>
ValueId add_list(Graph& graph, std::string name, DType dtype, const std::vector<T>& values) {
  Shape shape;
  if (values.size() > 1) shape.push_back(static_cast<std::int64_t>(values.size()));
  auto tensor = Tensor::make(dtype, shape);
  SAKER_CHECK(tensor.ok());
  std::memcpy(tensor->raw(), values.data(), values.size() * sizeof(T));
  return graph.add_constant(std::move(name), std::move(*tensor));
}

}  // namespace

const Node* producer_of(const Graph& graph, const std::vector<std::int32_t>& producer, ValueId id) {
  const std::int32_t node =
      static_cast<std::size_t>(id) < producer.size() ? producer[static_cast<std::size_t>(id)] : -1;
  return node < 0 ? nullptr : &graph.nodes[static_cast<std::size_t>(node)];
}

std::optional<Quantization> quantization_of(const Graph& graph, const Node& node) {
  const bool quantizes = node.op == Op::kQuantizeLinear;
  if (!quantizes && node.op != Op::kDequantizeLinear) return std::nullopt;
  const Value& bytes = graph.value(quantizes ? node.outputs[0] : node.inputs[0]);
  const Value& scale = graph.value(node.inputs[1]);
  if (bytes.dtype != DType::kUint8 || !bytes.shape || !scale.constant || scale.dtype != DType::kFloat32 ||
      node.as<AxisAttrs>().block != 0)
    return std::nullopt;
  Quantization result{elements<float>(*scale.constant), {}};
  if (result.scale.empty() ||
      (result.per_channel() && !is_channel_axis(node.as<AxisAttrs>().axis, bytes.shape->size())))
    return std::nullopt;
  result.zero_point.assign(result.scale.size(), 0);
  if (node.has_input(2)) {
    const Value& zero = graph.value(node.inputs[2]);
    if (!zero.constant || zero.dtype != DType::kUint8 ||
        zero.constant->elements() != static_cast<std::int64_t>(result.scale.size()))
      return std::nullopt;
    result.zero_point = elements<std::uint8_t>(*zero.constant);
  }
  return result;
}

ValueId append_quantize(Graph& graph, ValueId x, const Quantization& quantization, const std::string& name) {
  const ValueId scale = add_list(graph, name + ".scale", DType::kFloat32, quantization.scale);
  const ValueId zero = add_list(graph, name + ".zero_point", DType::kUint8, quantization.zero_point);
  const ValueId out = graph.add_value(name, DType::kUint8);
  graph.value(out).shape = graph.value(x).shape;
  graph.nodes.push_back({Op::kQuantizeLinear, name, {x, scale, zero}, {out}, AxisAttrs{1}, {}});
  return out;
}

bool moves_elements(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Op::kConcat:
    case Op::kFlatten:
    case Op::kReshape:
    case Op::kSlice:
    case Op::kSplit:
    case Op::kSqueeze:
    case Op::kTranspose:
    case Op::kUnsqueeze:
      return true;
    case Op::kMaxPool:  // picks; quantization keeps the order, and pads are never picked
      return node.outputs.size() == 1;
    case Op::kResize: {
      const auto& attrs = node.as<ResizeAttrs>();
      return attrs.mode == ResizeMode::kNearest && attrs.coordinates != ResizeCoordinates::kTfCropAndResize &&
             graph.value(node.outputs[0]).shape.has_value();
    }
    default:
      return false;
  }
}

}  // namespace saker
