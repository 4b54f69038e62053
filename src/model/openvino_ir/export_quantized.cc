// Quantization. A QuantizeLinear and the DequantizeLinear behind it are one FakeQuantize, which rounds floats to steps;
// what is dequantized without one is converted, shifted and scaled, which is how IR keeps 8-bit weights.
#include <algorithm>
#include <array>

#include "base/try.h"
#include "graph/ops/convert.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

constexpr int kLevels = 256;

bool is_byte(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kUint8;
}

// Scales and zero points of a QuantizeLinear or a DequantizeLinear.
struct Steps {
  std::vector<float> scale;
  std::vector<float> zero;  // as many
  bool has_zero = false;
  std::int64_t axis = 0;
  DType bytes = DType::kUint8;

  double first() const { return bytes == DType::kInt8 ? -128 : 0; }
};

Result<std::vector<float>> floats_of(const Graph& graph, ValueId id) {
  const auto& constant = graph.value(id).constant;
  if (!constant) return unsupported("a scale or zero point that is not constant");
  SAKER_ASSIGN(const Tensor wide, ops::converted(*constant, DType::kFloat32));
  return std::vector<float>(wide.data<float>(), wide.data<float>() + wide.elements());
}

Result<Steps> steps_of(const Graph& graph, const Node& node) {
  const auto& attrs = node.as<AxisAttrs>();
  if (attrs.block != 0) return unsupported("quantization in blocks");
  Steps steps;
  steps.axis = attrs.axis;
  steps.bytes = graph.value(node.op == Op::kQuantizeLinear ? node.outputs[0] : node.inputs[0]).dtype;
  SAKER_ASSIGN(steps.scale, floats_of(graph, node.inputs[1]));
  if (node.has_input(2)) {
    SAKER_ASSIGN(steps.zero, floats_of(graph, node.inputs[2]));
  }
  steps.has_zero = std::ranges::any_of(steps.zero, [](float zero) { return zero != 0; });
  steps.zero.resize(steps.scale.size(), steps.zero.empty() ? 0 : steps.zero[0]);
  return steps;
}

// Of parameters, for what has `rank` axes.
Result<Shape> parameter_shape(const Steps& steps, const std::optional<Shape>& dims) {
  if (steps.scale.size() == 1) return Shape();
  if (!dims) return unsupported("scales along an axis of a value of unknown shape");
  Shape shape(dims->size(), 1);
  shape[axis_index(steps.axis, shape.size())] = static_cast<std::int64_t>(steps.scale.size());
  return shape;
}

struct Range {
  Source low, high;
};

// What the first and the last step stand for.
Result<Range> range_of(NodeExporter& node, const Steps& steps, const char* what) {
  SAKER_ASSIGN(const Shape shape, parameter_shape(steps, node.dims(0)));
  std::vector<float> low, high;
  for (std::size_t i = 0; i < steps.scale.size(); ++i) {
    const double scale = static_cast<double>(steps.scale[i]), zero = static_cast<double>(steps.zero[i]);
    low.push_back(static_cast<float>((steps.first() - zero) * scale));
    high.push_back(static_cast<float>((steps.first() + kLevels - 1 - zero) * scale));
  }
  return Range{node.floats(fmt::format("{}_low", what), low, shape),
               node.floats(fmt::format("{}_high", what), high, shape)};
}

LayerData fake_quantize_data() {
  return {{"levels", std::to_string(kLevels)}, {"auto_broadcast", "numpy"}};
}

// `bytes`, in float32 already, without their zero points.
Result<Source> shifted(NodeExporter& node, const Steps& steps, Source bytes, const Shape& parameters,
                       const std::optional<Shape>& dims) {
  if (!steps.has_zero) return bytes;
  const Source zero = node.floats("zero_point", steps.zero, parameters);
  return node.step("Subtract", "opset1", {{"auto_broadcast", "numpy"}}, {bytes, zero}, "shifted", DType::kFloat32,
                   dims);
}

bool is_dequantized_constant(const Graph& graph, const Node& node) {
  return node.op == Op::kDequantizeLinear && graph.value(node.inputs[0]).constant.has_value();
}

// Whether a node takes its weights apart itself: weights_as.
bool splits_weights(const Node& reader, ValueId weights) {
  if (reader.inputs.size() < 2 || reader.inputs[1] != weights || reader.inputs[0] == weights) return false;
  if (reader.op == Op::kConv) return reader.as<ConvAttrs>().group != 1;
  return reader.op == Op::kConvTranspose && reader.as<ConvTransposeAttrs>().group != 1;
}

// Weights of 8 bits: Const, Convert, Subtract, Multiply.
Result<Source> dequantized_as(NodeExporter& node, const Node& dequantize, const Shape& shape) {
  const Graph& graph = node.work().graph;
  SAKER_ASSIGN(Steps steps, steps_of(graph, dequantize));
  const Tensor& bytes = *graph.value(dequantize.inputs[0]).constant;
  Shape parameters;
  if (steps.scale.size() > 1) {
    // The first axis is two now: the groups, and what is left of it.
    const std::size_t axis = axis_index(steps.axis, bytes.shape().size());
    parameters.assign(shape.size(), 1);
    if (axis == 0) {
      parameters[0] = shape[0];
      parameters[1] = shape[1];
    } else {
      parameters[axis + 1] = shape[axis + 1];
    }
  }
  const Source stored = node.bytes("weights.bytes", bytes, shape);
  const Source wide =
      node.step("Convert", "opset1", {{"destination_type", "f32"}}, {stored}, "weights.float", DType::kFloat32, shape);
  SAKER_ASSIGN(const Source centred, shifted(node, steps, wide, parameters, shape));
  const Source scale = node.floats("weights.scale", steps.scale, parameters);
  return node.step("Multiply", "opset1", {{"auto_broadcast", "numpy"}}, {centred, scale}, "weights", DType::kFloat32,
                   shape);
}

}  // namespace

bool is_part_of_readers(const ExportWorkspace& work, const Node& node) {
  const ValueId out = node.outputs.empty() ? kNoValue : node.outputs[0];
  if (out == kNoValue || std::ranges::find(work.graph.outputs, out) != work.graph.outputs.end()) return false;
  const auto& readers = work.readers[static_cast<std::size_t>(out)];
  if (node.op == Op::kQuantizeLinear)
    return std::ranges::all_of(readers, [](const Node* reader) { return reader->op == Op::kDequantizeLinear; });
  return is_dequantized_constant(work.graph, node) &&
         std::ranges::all_of(readers, [out](const Node* reader) { return splits_weights(*reader, out); });
}

// To numbers of the steps, then bytes.
Status export_quantize(NodeExporter& node) {
  SAKER_ASSIGN(const Steps steps, steps_of(node.work().graph, node.node()));
  if (!is_byte(steps.bytes)) return unsupported("quantization to other than 8 bits");
  SAKER_ASSIGN(const Range in, range_of(node, steps, "input"));
  const auto first = static_cast<float>(steps.first());
  const Source low = node.floats("output_low", std::array{first}, {});
  const Source high = node.floats("output_high", std::array{first + kLevels - 1}, {});
  const Source whole = node.step("FakeQuantize", "opset1", fake_quantize_data(),
                                 {node.input(0), in.low, in.high, low, high}, "steps", DType::kFloat32, node.dims(0));
  return node.emit("Convert", "opset1", {{"destination_type", element_name(steps.bytes)}}, {whole});
}

Status export_dequantize(NodeExporter& node) {
  const Graph& graph = node.work().graph;
  SAKER_ASSIGN(const Steps steps, steps_of(graph, node.node()));
  if (node.output_dtype(0) != DType::kFloat32) return unsupported("numbers that are not float32");
  const Node* quantize = node.producer(0);
  if (quantize != nullptr && quantize->op == Op::kQuantizeLinear && is_byte(steps.bytes)) {
    SAKER_ASSIGN(const Steps in_steps, steps_of(graph, *quantize));
    SAKER_ASSIGN(const Range in, range_of(node, in_steps, "input"));
    SAKER_ASSIGN(const Range out, range_of(node, steps, "output"));
    return node.emit("FakeQuantize", "opset1", fake_quantize_data(),
                     {node.work().source_of(quantize->inputs[0]), in.low, in.high, out.low, out.high});
  }
  SAKER_ASSIGN(const Shape parameters, parameter_shape(steps, node.dims(0)));
  const Source wide = node.step("Convert", "opset1", {{"destination_type", "f32"}}, {node.input(0)}, "float",
                                DType::kFloat32, node.dims(0));
  SAKER_ASSIGN(const Source centred, shifted(node, steps, wide, parameters, node.dims(0)));
  return node.emit_binary("Multiply", {centred, node.floats("scale", steps.scale, parameters)});
}

Result<Source> weights_as(NodeExporter& node, std::size_t i, const Shape& shape) {
  if (node.constant(i) != nullptr) return node.as_shape(i, shape);
  const Node* from = node.producer(i);
  if (from != nullptr && is_dequantized_constant(node.work().graph, *from)) return dequantized_as(node, *from, shape);
  return node.step("Reshape", "opset1", {{"special_zero", "false"}}, {node.input(i), node.list("weights.shape", shape)},
                   "weights", node.dtype(i), shape);
}

}  // namespace saker::openvino_ir
