#include <algorithm>
#include <array>

#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

struct Entry {
  Op op;
  ExportFn add;
};

constexpr auto kTable = std::to_array<Entry>({
    {Op::kArgMax, add_arg_max},
    {Op::kArgMin, add_arg_max},
    {Op::kAveragePool, add_pool},
    {Op::kBatchNormalization, add_batch_norm},
    {Op::kCast, add_cast},
    {Op::kCelu, add_activation},
    {Op::kClip, add_clip},
    {Op::kConcat, add_concat},
    {Op::kConstantOfShape, add_constant_of_shape},
    {Op::kConv, add_conv},
    {Op::kConvTranspose, add_conv_transpose},
    {Op::kCumSum, add_cum_sum},
    {Op::kDepthToSpace, add_depth_space},
    {Op::kDiv, add_div},
    {Op::kEinsum, add_einsum},
    {Op::kElu, add_activation},
    {Op::kExpand, add_expand},
    {Op::kFlatten, add_flatten},
    {Op::kGather, add_gather},
    {Op::kGatherElements, add_gather_elements},
    {Op::kGatherND, add_gather_nd},
    {Op::kGelu, add_activation},
    {Op::kGemm, add_gemm},
    {Op::kGlobalAveragePool, add_global_pool},
    {Op::kGlobalMaxPool, add_global_pool},
    {Op::kGridSample, add_grid_sample},
    {Op::kGroupNormalization, add_normalization},
    {Op::kHardSigmoid, add_activation},
    {Op::kInstanceNormalization, add_normalization},
    {Op::kLayerNormalization, add_normalization},
    {Op::kLeakyRelu, add_activation},
    {Op::kLogSoftmax, add_softmax},
    {Op::kMax, add_max_min},
    {Op::kMaxPool, add_pool},
    {Op::kMin, add_max_min},
    {Op::kMod, add_mod},
    {Op::kPad, add_pad},
    {Op::kPow, add_pow},
    {Op::kRange, add_range},
    {Op::kReduceL1, add_reduce},
    {Op::kReduceL2, add_reduce},
    {Op::kReduceLogSum, add_reduce},
    {Op::kReduceLogSumExp, add_reduce},
    {Op::kReduceMax, add_reduce},
    {Op::kReduceMean, add_reduce},
    {Op::kReduceMin, add_reduce},
    {Op::kReduceSum, add_reduce},
    {Op::kReduceSumSquare, add_reduce},
    {Op::kReshape, add_reshape},
    {Op::kResize, add_resize},
    {Op::kScatterElements, add_scatter_elements},
    {Op::kScatterND, add_scatter_nd},
    {Op::kSelu, add_activation},
    {Op::kShape, add_shape},
    {Op::kSlice, add_slice},
    {Op::kSoftmax, add_softmax},
    {Op::kSpaceToDepth, add_depth_space},
    {Op::kSplit, add_split},
    {Op::kSqueeze, add_squeeze},
    {Op::kThresholdedRelu, add_activation},
    {Op::kTile, add_tile},
    {Op::kTopK, add_top_k},
    {Op::kTranspose, add_transpose},
    {Op::kTrilu, add_trilu},
    {Op::kUnsqueeze, add_unsqueeze},
});

bool is_quantized(Op op) {
  return op == Op::kQuantizeLinear || op == Op::kDequantizeLinear || op == Op::kDynamicQuantizeLinear ||
         op == Op::kConvInt8 || op == Op::kSumInt8 || op == Op::kLookup;
}

}  // namespace

Status export_node(ScriptNode& n) {
  if (const char* expression = plain_expression(n.op())) {
    n.assign(fmt::format(fmt::runtime(expression), n.in(0), n.in(1), n.in(2)));
    return {};
  }
  if (is_quantized(n.op())) return unsupported("8-bit layers; export the model that was quantized");
  if (n.op() == Op::kNonMaxSuppression) return unsupported("suppression of boxes; export the model without it");
  const auto found = std::ranges::find(kTable, n.op(), &Entry::op);
  return found == kTable.end() ? unsupported("no operator of torch does the same") : found->add(n);
}

}  // namespace saker::torchscript
