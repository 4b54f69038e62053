// Conv, ConvTranspose, pools, BatchNormalization, Gemm.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

// The bounds that the operators' rules have too, once they know the shapes: another engine is to see none beyond them.
constexpr std::int64_t kMost = INT32_MAX;

Result<std::int64_t> group_attr(const NodeImporter& node) {
  return node.int_attr_within("group", 1, 1, kMost);
}

Result<WindowAttrs> window_attrs(const NodeImporter& node) {
  WindowAttrs window;
  SAKER_ASSIGN(window.kernel, node.ints_attr_within("kernel_shape", 1, kMost));
  SAKER_ASSIGN(window.strides, node.ints_attr_within("strides", 1, kMost));
  SAKER_ASSIGN(window.dilations, node.ints_attr_within("dilations", 1, kMost));
  SAKER_ASSIGN(window.pads, node.ints_attr("pads"));
  SAKER_ASSIGN(const std::string_view auto_pad, node.text_attr("auto_pad", "NOTSET"));
  if (auto_pad == "SAME_UPPER") {
    window.auto_pad = AutoPad::kSameUpper;
  } else if (auto_pad == "SAME_LOWER") {
    window.auto_pad = AutoPad::kSameLower;
  } else if (auto_pad == "VALID") {
    window.auto_pad = AutoPad::kValid;
  } else if (auto_pad != "NOTSET" && !auto_pad.empty()) {
    return Error{ErrorCode::kInvalid, fmt::format("unknown auto_pad '{}'", printable_name(auto_pad))};
  }
  return window;
}

Result<PoolAttrs> pool_attrs(const NodeImporter& node) {
  PoolAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(node));
  if (attrs.window.kernel.empty()) return Error{ErrorCode::kInvalid, "kernel_shape is missing"};
  SAKER_ASSIGN(attrs.ceil_mode, node.bool_attr("ceil_mode", false));
  return attrs;
}

}  // namespace

Result<ConvAttrs> conv_attrs(const NodeImporter& node) {
  ConvAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(node));
  SAKER_ASSIGN(attrs.group, group_attr(node));
  return attrs;
}

Result<PoolAttrs> average_pool_attrs(const NodeImporter& node) {
  SAKER_ASSIGN(PoolAttrs attrs, pool_attrs(node));
  SAKER_ASSIGN(attrs.count_include_pad, node.bool_attr("count_include_pad", false));
  return attrs;
}

Status import_conv(NodeImporter& node) {
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  if (node.input_count() > 3) return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", node.input_count())};
  return node.emit(Op::kConv, std::move(attrs));
}

Status import_conv_transpose(NodeImporter& node) {
  ConvTransposeAttrs attrs;
  SAKER_ASSIGN(attrs.window, window_attrs(node));
  SAKER_ASSIGN(attrs.group, group_attr(node));
  SAKER_ASSIGN(attrs.output_padding, node.ints_attr("output_padding"));
  SAKER_ASSIGN(attrs.output_shape, node.ints_attr("output_shape"));
  return node.emit(Op::kConvTranspose, std::move(attrs));
}

Status import_average_pool(NodeImporter& node) {
  SAKER_ASSIGN(PoolAttrs attrs, average_pool_attrs(node));
  return node.emit(Op::kAveragePool, std::move(attrs));
}

Status import_max_pool(NodeImporter& node) {
  SAKER_ASSIGN(PoolAttrs attrs, pool_attrs(node));
  SAKER_ASSIGN(attrs.column_major_indices, node.bool_attr("storage_order", false));
  return node.emit(Op::kMaxPool, std::move(attrs));
}

// Until opset 9, `spatial` 0 meant parameters for each element of a picture: all axes but the first are its channels.
// Until opset 14, more outputs than one said that it trains, until opset 7 `is_test` too.
Status import_batch_normalization(NodeImporter& node) {
  BatchNormalizationAttrs attrs;
  SAKER_ASSIGN(attrs.epsilon, node.float_attr("epsilon", 1e-5F));
  SAKER_ASSIGN(const bool training, node.bool_attr("training_mode", false));
  SAKER_ASSIGN(const bool is_test, node.bool_attr("is_test", true));
  if (training || !is_test || node.proto().outputs.size() > 1)
    return Error{ErrorCode::kUnsupported, "training mode: export the model in inference mode"};
  SAKER_ASSIGN(const bool spatial, node.bool_attr("spatial", true));
  if (spatial || node.opset() >= 9) return node.emit(Op::kBatchNormalization, attrs);
  SAKER_TRY(node.check_inputs(5, 5));
  SAKER_ASSIGN(const ValueId list, node.int_constant("list", std::array{std::int64_t{-1}}));
  std::vector<ValueId> inputs = {node.step(Op::kFlatten, AxisAttrs{1}, {node.input(0)}, "x")};
  for (std::size_t i = 1; i < 5; ++i)
    inputs.push_back(node.step(Op::kReshape, ReshapeAttrs{}, {node.input(i), list}, fmt::format("parameter{}", i)));
  const ValueId y = node.step(Op::kBatchNormalization, attrs, std::move(inputs), "y");
  const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(0)}, "shape");
  return node.emit(Op::kReshape, ReshapeAttrs{true}, {y, shape});
}

Status import_gemm(NodeImporter& node) {
  SAKER_ASSIGN(const GemmAttrs attrs, gemm_attrs(node));
  return node.emit(Op::kGemm, attrs);
}

Result<GemmAttrs> gemm_attrs(const NodeImporter& node) {
  GemmAttrs attrs;
  SAKER_ASSIGN(attrs.alpha, node.float_attr("alpha", 1));
  SAKER_ASSIGN(attrs.beta, node.float_attr("beta", 1));
  SAKER_ASSIGN(attrs.trans_a, node.bool_attr("transA", false));
  SAKER_ASSIGN(attrs.trans_b, node.bool_attr("transB", false));
  return attrs;
}

}  // namespace saker::onnx
