// Normalizations, and the pools of Lp norms.
#include <fmt/format.h>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

Result<NormalizationAttrs> normalization_attrs(const NodeImporter& node) {
  NormalizationAttrs attrs;
  SAKER_ASSIGN(attrs.epsilon, node.float_attr("epsilon", 1e-5F));
  return attrs;
}

// The type in which mean and deviation are computed and given: we compute in no less than float32.
Result<bool> is_stashed_as_float(const NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t type, node.int_attr("stash_type", 1));
  SAKER_ASSIGN(const DType dtype, dtype_of(type));
  return dtype == DType::kFloat32;
}

Status import_normalization_from_axis(NodeImporter& node, Op op) {
  SAKER_ASSIGN(NormalizationAttrs attrs, normalization_attrs(node));
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", -1));
  SAKER_ASSIGN(const bool as_float, is_stashed_as_float(node));
  if (!as_float && node.proto().outputs.size() > 1)
    return Error{ErrorCode::kUnsupported, "a mean or deviation that is not float32 (stash_type)"};
  return node.emit(op, attrs);
}

Result<std::int64_t> power_attr(const NodeImporter& node) {
  return node.int_attr_within("p", 2, 1, INT32_MAX);
}

}  // namespace

Status import_layer_normalization(NodeImporter& node) {
  return import_normalization_from_axis(node, Op::kLayerNormalization);
}

Status import_rms_normalization(NodeImporter& node) {
  return import_normalization_from_axis(node, Op::kRMSNormalization);
}

Status import_instance_normalization(NodeImporter& node) {
  SAKER_ASSIGN(const NormalizationAttrs attrs, normalization_attrs(node));
  return node.emit(Op::kInstanceNormalization, attrs);
}

// Until opset 21 scale and bias had an entry for each group, since then one for each channel: their shape tells.
Status import_group_normalization(NodeImporter& node) {
  SAKER_ASSIGN(NormalizationAttrs attrs, normalization_attrs(node));
  SAKER_ASSIGN(attrs.groups, node.int_attr_within("num_groups", 0, 1, INT32_MAX));
  return node.emit(Op::kGroupNormalization, attrs);
}

Status import_mean_variance_normalization(NodeImporter& node) {
  SAKER_ASSIGN(std::vector<std::int64_t> axes, node.ints_attr("axes"));
  if (!node.has_attr("axes")) axes = {0, 2, 3};
  return node.emit(Op::kMeanVarianceNormalization, AxesAttrs{std::move(axes)});
}

Status import_lp_normalization(NodeImporter& node) {
  LpAttrs attrs;
  SAKER_ASSIGN(attrs.p, power_attr(node));
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", -1));
  return node.emit(Op::kLpNormalization, attrs);
}

Status import_global_lp_pool(NodeImporter& node) {
  LpAttrs attrs;
  SAKER_ASSIGN(attrs.p, power_attr(node));
  return node.emit(Op::kGlobalLpPool, attrs);
}

Status import_lp_pool(NodeImporter& node) {
  LpPoolAttrs attrs;
  SAKER_ASSIGN(PoolAttrs pool, average_pool_attrs(node));
  attrs.window = std::move(pool.window);
  attrs.ceil_mode = pool.ceil_mode;
  SAKER_ASSIGN(attrs.p, power_attr(node));
  return node.emit(Op::kLpPool, std::move(attrs));
}

Status import_lrn(NodeImporter& node) {
  LrnAttrs attrs;
  SAKER_ASSIGN(attrs.alpha, node.float_attr("alpha", attrs.alpha));
  SAKER_ASSIGN(attrs.beta, node.float_attr("beta", attrs.beta));
  SAKER_ASSIGN(attrs.bias, node.float_attr("bias", attrs.bias));
  SAKER_ASSIGN(attrs.size, node.int_attr_within("size", 0, 1, INT64_MAX));
  return node.emit(Op::kLRN, attrs);
}

}  // namespace saker::onnx
