// What ONNX Runtime's optimiser makes of several operators, taken apart again.
// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md)
#include <array>

#include "base/try.h"
#include "model/onnx/import_activation.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

const TransposeAttrs kToChannelsFirst = {{0, 3, 1, 2}}, kToChannelsLast = {{0, 2, 3, 1}};

// The last two axes exchanged, whatever the rank: [..., m, n] as [-1, m, n], which is transposed, and back.
Result<ValueId> transposed(NodeImporter& node, ValueId x, std::string_view what) {
  const auto named = [&](const char* part) { return std::string(what) + "." + part; };
  SAKER_ASSIGN(const ValueId rest, node.int_constant(named("rest"), std::array{std::int64_t{-1}}));
  const ValueId outer = node.step(Op::kShape, ShapeAttrs{0, -2}, {x}, named("outer"));
  const ValueId rows = node.step(Op::kShape, ShapeAttrs{-2, -1}, {x}, named("rows"));
  const ValueId columns = node.step(Op::kShape, ShapeAttrs{-1, INT64_MAX}, {x}, named("columns"));
  const ValueId flat_shape = node.step(Op::kConcat, AxisAttrs{0}, {rest, rows, columns}, named("flat_shape"));
  const ValueId flat = node.step(Op::kReshape, ReshapeAttrs{}, {x, flat_shape}, named("flat"));
  const ValueId turned = node.step(Op::kTranspose, TransposeAttrs{{0, 2, 1}}, {flat}, named("turned"));
  const ValueId shape = node.step(Op::kConcat, AxisAttrs{0}, {outer, columns, rows}, named("shape"));
  return node.step(Op::kReshape, ReshapeAttrs{}, {turned, shape}, what);
}

}  // namespace

// activation(Conv(x, w, bias) + z)
Status import_fused_conv(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 4));
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  SAKER_ASSIGN(const std::string_view name, node.text_attr("activation", ""));
  SAKER_ASSIGN(const std::vector<float> parameters, node.floats_attr("activation_params"));
  NamedActivation activation{name};
  if (!parameters.empty()) activation.alpha = parameters[0];
  if (parameters.size() > 1) activation.beta = parameters[1];
  ValueId y = node.step(Op::kConv, std::move(attrs), {node.input(0), node.input(1), node.input(2)}, "conv");
  if (node.input(3) != kNoValue) y = node.step(Op::kAdd, {}, {y, node.input(3)}, "sum");
  return emit_activated(node, y, activation);
}

Status import_fused_gemm(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 3));
  SAKER_ASSIGN(const GemmAttrs attrs, gemm_attrs(node));
  NamedActivation activation;
  SAKER_ASSIGN(activation.name, node.text_attr("activation", ""));
  const std::pair<const char*, std::optional<float>*> parameters[] = {{"activation_alpha", &activation.alpha},
                                                                      {"activation_beta", &activation.beta},
                                                                      {"activation_gamma", &activation.gamma}};
  for (const auto& [name, parameter] : parameters) {
    if (!node.has_attr(name)) continue;
    SAKER_ASSIGN(*parameter, node.float_attr(name, 0));
  }
  const ValueId y = node.step(Op::kGemm, attrs, {node.input(0), node.input(1), node.input(2)}, "gemm");
  return emit_activated(node, y, activation);
}

// alpha * a * b
Status import_fused_matmul(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 2));
  ValueId factors[2] = {node.input(0), node.input(1)};
  const char* names[2][2] = {{"transA", "transBatchA"}, {"transB", "transBatchB"}};
  for (std::size_t i = 0; i < 2; ++i) {
    SAKER_ASSIGN(const bool swap, node.bool_attr(names[i][0], false));
    SAKER_ASSIGN(const bool swap_batch, node.bool_attr(names[i][1], false));
    if (swap_batch) return Error{ErrorCode::kUnsupported, std::string("its attribute ") + names[i][1]};
    if (!swap) continue;
    SAKER_ASSIGN(factors[i], transposed(node, factors[i], i == 0 ? "a" : "b"));
  }
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 1));
  if (alpha == 1) return node.emit(Op::kMatMul, {}, {factors[0], factors[1]});
  const ValueId product = node.step(Op::kMatMul, {}, {factors[0], factors[1]}, "product");
  SAKER_ASSIGN(const ValueId scale, node.number_like("alpha", alpha, product));
  return node.emit(Op::kMul, {}, {product, scale});
}

// Conv of [N, H, W, C] with weights [M, height, width, C / group].
Status import_nhwc_conv(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 3));
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  const ValueId x = node.step(Op::kTranspose, kToChannelsFirst, {node.input(0)}, "x");
  const ValueId w = node.step(Op::kTranspose, kToChannelsFirst, {node.input(1)}, "w");
  const ValueId y = node.step(Op::kConv, std::move(attrs), {x, w, node.input(2)}, "conv");
  return node.emit(Op::kTranspose, kToChannelsLast, {y});
}

}  // namespace saker::onnx
