// The operator table: one line per Op, in the order of the enumeration.
#include <algorithm>
#include <array>

#include "graph/ops/ops.h"

namespace saker {
namespace {

using ops::Halves;

template <ops::RuleFn rule, ops::KernelFn kernel, Halves halves = Halves::kWiden>
constexpr OpDef entry(Op op, const char* name, int min_inputs, int max_inputs, int max_outputs = 1) {
  const int min_outputs = max_outputs == 2 && op == Op::kTopK ? 2 : 1;
  return {op,
          name,
          min_inputs,
          max_inputs,
          min_outputs,
          max_outputs,
          ops::infer<rule>,
          ops::eval<rule, kernel, halves>,
          halves == Halves::kWiden};
}

// An operator that only moves elements around, whatever their type.
template <ops::RuleFn rule, ops::KernelFn kernel>
constexpr OpDef mover(Op op, const char* name, int min_inputs, int max_inputs, int max_outputs = 1) {
  return entry<rule, kernel, Halves::kKeep>(op, name, min_inputs, max_inputs, max_outputs);
}

// An operator whose evaluator takes memory besides its tensors, and one whose data decides how large its output is.
constexpr OpDef with_scratch(ScratchFn scratch, OpDef def) {
  def.scratch = scratch;
  return def;
}
constexpr OpDef with_bound(BoundFn most_output, OpDef def) {
  def.most_output = most_output;
  return def;
}

constexpr int kAny = -1;

using namespace ops;  // the rules and kernels

// clang-format off
constexpr auto kTable = std::to_array<OpDef>({
    entry<sign_rule, sign_kernel>(Op::kAbs, "Abs", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAcos, "Acos", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAcosh, "Acosh", 1, 1),
    entry<arithmetic_rule, arithmetic_kernel>(Op::kAdd, "Add", 2, 2),
    entry<affine_grid_rule, affine_grid_kernel>(Op::kAffineGrid, "AffineGrid", 2, 2),
    entry<logical_rule, logic_kernel>(Op::kAnd, "And", 2, 2),
    entry<arg_max_rule, arg_max_kernel>(Op::kArgMax, "ArgMax", 1, 1),
    entry<arg_max_rule, arg_max_kernel>(Op::kArgMin, "ArgMin", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAsin, "Asin", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAsinh, "Asinh", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAtan, "Atan", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kAtanh, "Atanh", 1, 1),
    with_scratch(attention_scratch, entry<attention_rule, attention_kernel>(Op::kAttention, "Attention", 3, 6, 4)),
    entry<average_pool_rule, average_pool_kernel>(Op::kAveragePool, "AveragePool", 1, 1),
    with_scratch(batch_normalization_scratch, entry<batch_normalization_rule, batch_normalization_kernel>(Op::kBatchNormalization, "BatchNormalization", 5, 5)),
    entry<bit_shift_rule, bit_shift_kernel>(Op::kBitShift, "BitShift", 2, 2),
    entry<bitwise_rule, logic_kernel>(Op::kBitwiseAnd, "BitwiseAnd", 2, 2),
    entry<bitwise_not_rule, negation_kernel>(Op::kBitwiseNot, "BitwiseNot", 1, 1),
    entry<bitwise_rule, logic_kernel>(Op::kBitwiseOr, "BitwiseOr", 2, 2),
    entry<bitwise_rule, logic_kernel>(Op::kBitwiseXor, "BitwiseXor", 2, 2),
    with_scratch(signal_window_scratch, mover<signal_window_rule, signal_window_kernel>(Op::kBlackmanWindow, "BlackmanWindow", 1, 1)),
    mover<cast_rule, cast_kernel>(Op::kCast, "Cast", 1, 1),
    mover<cast_like_rule, cast_kernel>(Op::kCastLike, "CastLike", 2, 2),
    entry<float_unary_rule, unary_kernel>(Op::kCeil, "Ceil", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kCelu, "Celu", 1, 1),
    mover<center_crop_pad_rule, center_crop_pad_kernel>(Op::kCenterCropPad, "CenterCropPad", 2, 2),
    entry<clip_rule, clip_kernel>(Op::kClip, "Clip", 1, 3),
    entry<col2im_rule, col2im_kernel>(Op::kCol2Im, "Col2Im", 3, 3),
    with_bound(most_compressed, mover<compress_rule, compress_kernel>(Op::kCompress, "Compress", 2, 2)),
    mover<concat_rule, concat_kernel>(Op::kConcat, "Concat", 1, kAny),
    mover<constant_of_shape_rule, constant_of_shape_kernel>(Op::kConstantOfShape, "ConstantOfShape", 1, 1),
    with_scratch(conv_scratch, entry<conv_rule, conv_kernel>(Op::kConv, "Conv", 2, 5)),
    mover<conv_int8_rule, conv_int8_kernel>(Op::kConvInt8, "ConvInt8", 2, 5),
    with_scratch(conv_scratch, entry<conv_transpose_rule, conv_transpose_kernel>(Op::kConvTranspose, "ConvTranspose", 2, 3)),
    entry<float_unary_rule, unary_kernel>(Op::kCos, "Cos", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kCosh, "Cosh", 1, 1),
    entry<cum_sum_rule, cum_sum_kernel>(Op::kCumSum, "CumSum", 2, 2),
    entry<decode_boxes_rule, decode_boxes_kernel>(Op::kDecodeBoxes, "DecodeBoxes", 4, 4),
    with_scratch(deform_conv_scratch, entry<deform_conv_rule, deform_conv_kernel>(Op::kDeformConv, "DeformConv", 3, 5)),
    mover<depth_to_space_rule, depth_to_space_kernel>(Op::kDepthToSpace, "DepthToSpace", 1, 1),
    entry<dequantize_rule, dequantize_kernel>(Op::kDequantizeLinear, "DequantizeLinear", 2, 3),
    with_scratch(det_scratch, entry<det_rule, det_kernel>(Op::kDet, "Det", 1, 1)),
    with_scratch(dft_scratch, entry<dft_rule, dft_kernel>(Op::kDFT, "DFT", 1, 3)),
    entry<arithmetic_rule, arithmetic_kernel>(Op::kDiv, "Div", 2, 2),
    {Op::kDynamicQuantizeLinear, "DynamicQuantizeLinear", 1, 1, 1, 3, infer<dynamic_quantize_rule>,
     eval<dynamic_quantize_rule, dynamic_quantize_kernel, Halves::kKeep>},
    entry<einsum_rule, einsum_kernel>(Op::kEinsum, "Einsum", 1, kAny),
    entry<float_unary_rule, unary_kernel>(Op::kElu, "Elu", 1, 1),
    entry<compare_rule, compare_kernel>(Op::kEqual, "Equal", 2, 2),
    entry<erf_rule, unary_kernel>(Op::kErf, "Erf", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kExp, "Exp", 1, 1),
    mover<expand_rule, expand_kernel>(Op::kExpand, "Expand", 2, 2),
    mover<eye_like_rule, eye_like_kernel>(Op::kEyeLike, "EyeLike", 1, 1),
    mover<flatten_rule, copy_kernel>(Op::kFlatten, "Flatten", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kFloor, "Floor", 1, 1),
    mover<gather_rule, gather_kernel>(Op::kGather, "Gather", 2, 2),
    mover<gather_elements_rule, gather_elements_kernel>(Op::kGatherElements, "GatherElements", 2, 2),
    mover<gather_nd_rule, gather_nd_kernel>(Op::kGatherND, "GatherND", 2, 2),
    entry<float_unary_rule, unary_kernel>(Op::kGelu, "Gelu", 1, 1),
    with_scratch(matmul_scratch, entry<gemm_rule, gemm_kernel>(Op::kGemm, "Gemm", 2, 3)),
    entry<global_pool_rule, global_average_pool_kernel>(Op::kGlobalAveragePool, "GlobalAveragePool", 1, 1),
    entry<global_lp_pool_rule, global_lp_pool_kernel>(Op::kGlobalLpPool, "GlobalLpPool", 1, 1),
    entry<global_pool_rule, global_max_pool_kernel>(Op::kGlobalMaxPool, "GlobalMaxPool", 1, 1),
    entry<compare_rule, compare_kernel>(Op::kGreater, "Greater", 2, 2),
    entry<compare_rule, compare_kernel>(Op::kGreaterOrEqual, "GreaterOrEqual", 2, 2),
    entry<grid_sample_rule, grid_sample_kernel>(Op::kGridSample, "GridSample", 2, 2),
    entry<layer_normalization_rule, layer_normalization_kernel>(Op::kGroupNormalization, "GroupNormalization", 3, 3),
    with_scratch(recurrent_scratch, entry<recurrent_rule, recurrent_kernel>(Op::kGRU, "GRU", 3, 6, 2)),
    with_scratch(signal_window_scratch, mover<signal_window_rule, signal_window_kernel>(Op::kHammingWindow, "HammingWindow", 1, 1)),
    with_scratch(signal_window_scratch, mover<signal_window_rule, signal_window_kernel>(Op::kHannWindow, "HannWindow", 1, 1)),
    entry<softmax_rule, hardmax_kernel>(Op::kHardmax, "Hardmax", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kHardSigmoid, "HardSigmoid", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kHardSwish, "HardSwish", 1, 1),
    mover<identity_rule, copy_kernel>(Op::kIdentity, "Identity", 1, 1),
    entry<layer_normalization_rule, layer_normalization_kernel>(Op::kInstanceNormalization, "InstanceNormalization", 3, 3),
    entry<float_test_rule, float_test_kernel>(Op::kIsInf, "IsInf", 1, 1),
    entry<float_test_rule, float_test_kernel>(Op::kIsNaN, "IsNaN", 1, 1),
    entry<layer_normalization_rule, layer_normalization_kernel>(Op::kLayerNormalization, "LayerNormalization", 2, 3, 3),
    entry<float_unary_rule, unary_kernel>(Op::kLeakyRelu, "LeakyRelu", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kLog, "Log", 1, 1),
    entry<softmax_rule, log_softmax_kernel>(Op::kLogSoftmax, "LogSoftmax", 1, 1),
    mover<lookup_rule, lookup_kernel>(Op::kLookup, "Lookup", 1, 1),
    entry<lp_normalization_rule, lp_normalization_kernel>(Op::kLpNormalization, "LpNormalization", 1, 1),
    entry<lp_pool_rule, lp_pool_kernel>(Op::kLpPool, "LpPool", 1, 1),
    entry<lrn_rule, lrn_kernel>(Op::kLRN, "LRN", 1, 1),
    with_scratch(recurrent_scratch, entry<recurrent_rule, recurrent_kernel>(Op::kLSTM, "LSTM", 3, 8, 3)),
    with_scratch(matmul_scratch, entry<matmul_rule, matmul_kernel>(Op::kMatMul, "MatMul", 2, 2)),
    entry<arithmetic_rule, extremum_kernel>(Op::kMax, "Max", 1, kAny),
    entry<max_pool_rule, max_pool_kernel>(Op::kMaxPool, "MaxPool", 1, 1, 2),
    entry<max_roi_pool_rule, max_roi_pool_kernel>(Op::kMaxRoiPool, "MaxRoiPool", 2, 2),
    entry<max_unpool_rule, max_unpool_kernel>(Op::kMaxUnpool, "MaxUnpool", 2, 3),
    entry<mean_variance_normalization_rule, mean_variance_normalization_kernel>(Op::kMeanVarianceNormalization, "MeanVarianceNormalization", 1, 1),
    with_scratch(signal_window_scratch, mover<mel_weight_matrix_rule, mel_weight_matrix_kernel>(Op::kMelWeightMatrix, "MelWeightMatrix", 5, 5)),
    entry<arithmetic_rule, extremum_kernel>(Op::kMin, "Min", 1, kAny),
    entry<mod_rule, arithmetic_kernel>(Op::kMod, "Mod", 2, 2),
    entry<arithmetic_rule, arithmetic_kernel>(Op::kMul, "Mul", 2, 2),
    {Op::kNonMaxSuppression, "NonMaxSuppression", 2, 5, 1, 1, infer<non_max_suppression_rule>,
     eval_non_max_suppression, false, non_max_suppression_scratch, most_suppressed},
    with_bound(most_non_zero, entry<non_zero_rule, non_zero_kernel>(Op::kNonZero, "NonZero", 1, 1)),
    entry<logical_not_rule, negation_kernel>(Op::kNot, "Not", 1, 1),
    with_scratch(one_hot_scratch, mover<one_hot_rule, one_hot_kernel>(Op::kOneHot, "OneHot", 3, 3)),
    entry<logical_rule, logic_kernel>(Op::kOr, "Or", 2, 2),
    mover<pad_rule, pad_kernel>(Op::kPad, "Pad", 2, 4),
    with_scratch(pow_scratch, entry<pow_rule, pow_kernel>(Op::kPow, "Pow", 2, 2)),
    entry<prelu_rule, arithmetic_kernel>(Op::kPRelu, "PRelu", 2, 2),
    entry<quantize_rule, quantize_kernel>(Op::kQuantizeLinear, "QuantizeLinear", 2, 3),
    entry<range_rule, range_kernel>(Op::kRange, "Range", 3, 3),
    entry<reduce_rule, reduce_kernel>(Op::kReduceL1, "ReduceL1", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceL2, "ReduceL2", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceLogSum, "ReduceLogSum", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceLogSumExp, "ReduceLogSumExp", 1, 2),
    entry<reduce_extremum_rule, reduce_kernel>(Op::kReduceMax, "ReduceMax", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceMean, "ReduceMean", 1, 2),
    entry<reduce_extremum_rule, reduce_kernel>(Op::kReduceMin, "ReduceMin", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceProd, "ReduceProd", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceSum, "ReduceSum", 1, 2),
    entry<reduce_rule, reduce_kernel>(Op::kReduceSumSquare, "ReduceSumSquare", 1, 2),
    entry<relu_rule, relu_kernel>(Op::kRelu, "Relu", 1, 1),
    mover<reshape_rule, copy_kernel>(Op::kReshape, "Reshape", 2, 2),
    with_scratch(resize_scratch, entry<resize_rule, resize_kernel>(Op::kResize, "Resize", 1, 4)),
    mover<reverse_sequence_rule, reverse_sequence_kernel>(Op::kReverseSequence, "ReverseSequence", 2, 2),
    entry<layer_normalization_rule, layer_normalization_kernel>(Op::kRMSNormalization, "RMSNormalization", 2, 2),
    with_scratch(recurrent_scratch, entry<recurrent_rule, recurrent_kernel>(Op::kRNN, "RNN", 3, 6, 2)),
    entry<roi_align_rule, roi_align_kernel>(Op::kRoiAlign, "RoiAlign", 3, 3),
    entry<rotary_embedding_rule, rotary_embedding_kernel>(Op::kRotaryEmbedding, "RotaryEmbedding", 3, 4),
    entry<float_unary_rule, unary_kernel>(Op::kRound, "Round", 1, 1),
    entry<scatter_elements_rule, scatter_elements_kernel>(Op::kScatterElements, "ScatterElements", 3, 3),
    entry<scatter_nd_rule, scatter_nd_kernel>(Op::kScatterND, "ScatterND", 3, 3),
    entry<float_unary_rule, unary_kernel>(Op::kSelu, "Selu", 1, 1),
    mover<shape_rule, shape_kernel>(Op::kShape, "Shape", 1, 1),
    entry<shrink_rule, shrink_kernel>(Op::kShrink, "Shrink", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSigmoid, "Sigmoid", 1, 1),
    entry<sign_rule, sign_kernel>(Op::kSign, "Sign", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSilu, "Silu", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSin, "Sin", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSinh, "Sinh", 1, 1),
    mover<slice_rule, slice_kernel>(Op::kSlice, "Slice", 3, 5),
    entry<softmax_rule, softmax_kernel>(Op::kSoftmax, "Softmax", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSoftplus, "Softplus", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kSoftsign, "Softsign", 1, 1),
    mover<space_to_depth_rule, space_to_depth_kernel>(Op::kSpaceToDepth, "SpaceToDepth", 1, 1),
    mover<split_rule, split_kernel>(Op::kSplit, "Split", 1, 2, kAny),
    entry<float_unary_rule, unary_kernel>(Op::kSqrt, "Sqrt", 1, 1),
    mover<squeeze_rule, copy_kernel>(Op::kSqueeze, "Squeeze", 1, 2),
    with_scratch(stft_scratch, entry<stft_rule, stft_kernel>(Op::kSTFT, "STFT", 2, 4)),
    entry<arithmetic_rule, arithmetic_kernel>(Op::kSub, "Sub", 2, 2),
    mover<sum_int8_rule, sum_int8_kernel>(Op::kSumInt8, "SumInt8", 1, kAny),
    entry<float_unary_rule, unary_kernel>(Op::kTan, "Tan", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kTanh, "Tanh", 1, 1),
    mover<tf_idf_vectorizer_rule, tf_idf_vectorizer_kernel>(Op::kTfIdfVectorizer, "TfIdfVectorizer", 1, 1),
    entry<float_unary_rule, unary_kernel>(Op::kThresholdedRelu, "ThresholdedRelu", 1, 1),
    mover<tile_rule, tile_kernel>(Op::kTile, "Tile", 2, 2),
    with_scratch(top_k_scratch, entry<top_k_rule, top_k_kernel>(Op::kTopK, "TopK", 2, 2, 2)),
    mover<transpose_rule, transpose_kernel>(Op::kTranspose, "Transpose", 1, 1),
    mover<trilu_rule, trilu_kernel>(Op::kTrilu, "Trilu", 1, 2),
    {Op::kUnique, "Unique", 1, 1, 1, 4, infer<unique_rule>, eval_unique, false, unique_scratch, most_unique},
    mover<unsqueeze_rule, copy_kernel>(Op::kUnsqueeze, "Unsqueeze", 2, 2),
    mover<where_rule, where_kernel>(Op::kWhere, "Where", 3, 3),
    entry<logical_rule, logic_kernel>(Op::kXor, "Xor", 2, 2),
});
// clang-format on

constexpr bool is_ordered() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].op != static_cast<Op>(i)) return false;
  }
  return kTable.size() == static_cast<std::size_t>(Op::kXor) + 1;
}
static_assert(is_ordered(), "the table has one line per Op, in the order of the enumeration");

}  // namespace

std::span<const OpDef> op_table() {
  return kTable;
}

const OpDef& op_def(Op op) {
  return kTable[static_cast<std::size_t>(op)];
}

const OpDef* find_op(std::string_view onnx_name) {
  const auto found =
      std::find_if(kTable.begin(), kTable.end(), [&](const OpDef& def) { return onnx_name == def.name; });
  return found == kTable.end() ? nullptr : &*found;
}

}  // namespace saker
