// Convolutions, whose biases are sums of their own, BatchNormalization and products of matrices.
#include <array>

#include "base/try.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

// [M] as [1, M, 1, 1].
Source along_channels(NodeExporter& node, std::size_t i, std::size_t rank) {
  Shape shape(rank, 1);
  const Tensor* tensor = node.constant(i);
  shape[1] = tensor != nullptr ? tensor->elements() : -1;
  if (tensor != nullptr) return node.as_shape(i, shape);
  return node.step("Reshape", "opset1", {{"special_zero", "false"}}, {node.input(i), node.list("bias.shape", shape)},
                   "bias", node.dtype(i));
}

// The layer without its bias, then their sum.
Status emit_with_bias(NodeExporter& node, const char* type, LayerData data, std::vector<Source> inputs) {
  if (!node.has_input(2)) return node.emit(type, "opset1", std::move(data), std::move(inputs));
  SAKER_ASSIGN(const std::size_t rank, node.rank(1));
  const Source product = node.step(type, "opset1", std::move(data), std::move(inputs), "product", node.output_dtype(0),
                                   node.output_dims(0));
  return node.emit_binary("Add", {product, along_channels(node, 2, rank)});
}

// The kernel's weights; IR's of groups have an axis for the groups.
Result<Source> weights_of(NodeExporter& node, std::int64_t groups) {
  if (groups == 1) return node.input(1);
  const auto& dims = node.dims(1);
  if (!dims || (*dims)[0] % groups != 0) return unsupported("groups of weights whose shape is not known");
  Shape shape = *dims;
  shape[0] /= groups;
  shape.insert(shape.begin(), groups);
  return weights_as(node, 1, shape);
}

}  // namespace

LayerData window_data(const WindowAttrs& window, std::size_t axes) {
  constexpr const char* kAutoPads[] = {"explicit", "same_upper", "same_lower", "valid"};
  const Shape ones(axes, 1), zeros(axes, 0);
  const auto half = static_cast<std::ptrdiff_t>(window.pads.size() / 2);
  const bool has_pads = window.auto_pad == AutoPad::kExplicit && half > 0;
  const Shape begins = has_pads ? Shape(window.pads.begin(), window.pads.begin() + half) : zeros;
  const Shape ends = has_pads ? Shape(window.pads.begin() + half, window.pads.end()) : zeros;
  return {{"strides", text(window.strides.empty() ? ones : window.strides)},
          {"dilations", text(window.dilations.empty() ? ones : window.dilations)},
          {"pads_begin", text(begins)},
          {"pads_end", text(ends)},
          {"auto_pad", kAutoPads[static_cast<std::size_t>(window.auto_pad)]}};
}

Status export_conv(NodeExporter& node) {
  const auto& attrs = node.as<ConvAttrs>();
  if (attrs.activation.kind != ActivationKind::kNone || node.has_input(3) || node.has_input(4))
    return unsupported("a convolution fused with what follows it");
  SAKER_ASSIGN(const std::size_t rank, node.rank(1));
  SAKER_ASSIGN(const Source weights, weights_of(node, attrs.group));
  return emit_with_bias(node, attrs.group == 1 ? "Convolution" : "GroupConvolution",
                        window_data(attrs.window, rank - 2), {node.input(0), weights});
}

Status export_conv_transpose(NodeExporter& node) {
  const auto& attrs = node.as<ConvTransposeAttrs>();
  SAKER_ASSIGN(const std::size_t rank, node.rank(1));
  LayerData data = window_data(attrs.window, rank - 2);
  data.emplace_back("output_padding", text(attrs.output_padding.empty() ? Shape(rank - 2, 0) : attrs.output_padding));
  SAKER_ASSIGN(const Source weights, weights_of(node, attrs.group));
  std::vector<Source> inputs = {node.input(0), weights};
  if (!attrs.output_shape.empty()) inputs.push_back(node.list("output_shape", attrs.output_shape));
  return emit_with_bias(node, attrs.group == 1 ? "ConvolutionBackpropData" : "GroupConvolutionBackpropData",
                        std::move(data), std::move(inputs));
}

Status export_batch_norm(NodeExporter& node) {
  if (node.node().outputs.size() > 1) return unsupported("its means and variances as outputs");
  std::vector<Source> inputs;
  for (std::size_t i = 0; i < 5; ++i) inputs.push_back(node.input(i));
  return node.emit("BatchNormInference", "opset5",
                   {{"epsilon", fmt::format("{}", node.as<BatchNormalizationAttrs>().epsilon)}}, std::move(inputs));
}

Status export_mat_mul(NodeExporter& node) {
  return node.emit("MatMul", "opset1", {{"transpose_a", "false"}, {"transpose_b", "false"}},
                   {node.input(0), node.input(1)});
}

// alpha a b + beta c
Status export_gemm(NodeExporter& node) {
  const auto& attrs = node.as<GemmAttrs>();
  if (node.dtype(0) != DType::kFloat32) return unsupported("a Gemm that is not of float32");
  const LayerData transposed = {{"transpose_a", text(attrs.trans_a)}, {"transpose_b", text(attrs.trans_b)}};
  const LayerData broadcast = {{"auto_broadcast", "numpy"}};
  if (!node.has_input(2) && attrs.alpha == 1)
    return node.emit("MatMul", "opset1", transposed, {node.input(0), node.input(1)});
  Source product = node.step("MatMul", "opset1", transposed, {node.input(0), node.input(1)}, "product", node.dtype(0),
                             node.output_dims(0));
  const Source alpha = node.floats("alpha", std::array{attrs.alpha}, {});
  if (!node.has_input(2)) return node.emit_binary("Multiply", {product, alpha});
  if (attrs.alpha != 1)
    product =
        node.step("Multiply", "opset1", broadcast, {product, alpha}, "scaled", node.dtype(0), node.output_dims(0));
  Source addend = node.input(2);
  if (attrs.beta != 1) {
    const Source beta = node.floats("beta", std::array{attrs.beta}, {});
    addend = node.step("Multiply", "opset1", broadcast, {addend, beta}, "addend", node.dtype(0), node.dims(2));
  }
  return node.emit_binary("Add", {product, addend});
}

}  // namespace saker::openvino_ir
