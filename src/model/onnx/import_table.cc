// Every ONNX operator saker reads, in one list.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

struct Entry {
  std::string_view name;
  ImportFn import;
};

constexpr std::array kTable = {
    Entry{"Abs", import_plain<Op::kAbs>},
    Entry{"Acos", import_plain<Op::kAcos>},
    Entry{"Acosh", import_plain<Op::kAcosh>},
    Entry{"Add", import_binary<Op::kAdd>},
    Entry{"AffineGrid", import_affine_grid},
    Entry{"And", import_binary<Op::kAnd>},
    Entry{"ArgMax", import_arg<Op::kArgMax>},
    Entry{"ArgMin", import_arg<Op::kArgMin>},
    Entry{"Asin", import_plain<Op::kAsin>},
    Entry{"Asinh", import_plain<Op::kAsinh>},
    Entry{"Atan", import_plain<Op::kAtan>},
    Entry{"Atanh", import_plain<Op::kAtanh>},
    Entry{"Attention", import_attention},
    Entry{"AveragePool", import_average_pool},
    Entry{"BatchNormalization", import_batch_normalization},
    Entry{"BitShift", import_bit_shift},
    Entry{"BitwiseAnd", import_plain<Op::kBitwiseAnd>},
    Entry{"BitwiseNot", import_plain<Op::kBitwiseNot>},
    Entry{"BitwiseOr", import_plain<Op::kBitwiseOr>},
    Entry{"BitwiseXor", import_plain<Op::kBitwiseXor>},
    Entry{"BlackmanWindow", import_signal_window<Op::kBlackmanWindow>},
    Entry{"Cast", import_cast},
    Entry{"CastLike", import_cast_like},
    Entry{"Ceil", import_plain<Op::kCeil>},
    Entry{"Celu", import_alpha<Op::kCelu>},
    Entry{"CenterCropPad", import_center_crop_pad},
    Entry{"Clip", import_clip},
    Entry{"Col2Im", import_col2im},
    Entry{"Compress", import_compress},
    Entry{"Concat", import_concat},
    Entry{"Constant", import_constant},
    Entry{"ConstantOfShape", import_constant_of_shape},
    Entry{"Conv", import_conv},
    Entry{"ConvInteger", import_conv_integer},
    Entry{"ConvTranspose", import_conv_transpose},
    Entry{"Cos", import_plain<Op::kCos>},
    Entry{"Cosh", import_plain<Op::kCosh>},
    Entry{"CumSum", import_cum_sum},
    Entry{"DFT", import_dft},
    Entry{"DeformConv", import_deform_conv},
    Entry{"DepthToSpace", import_depth_to_space},
    Entry{"DequantizeLinear", import_dequantize},
    Entry{"Det", import_plain<Op::kDet>},
    Entry{"Div", import_binary<Op::kDiv>},
    Entry{"Dropout", import_dropout},
    Entry{"DynamicQuantizeLinear", import_plain<Op::kDynamicQuantizeLinear>},
    Entry{"Einsum", import_einsum},
    Entry{"Elu", import_alpha<Op::kElu>},
    Entry{"Equal", import_binary<Op::kEqual>},
    Entry{"Erf", import_plain<Op::kErf>},
    Entry{"Exp", import_plain<Op::kExp>},
    Entry{"Expand", import_plain<Op::kExpand>},
    Entry{"EyeLike", import_eye_like},
    Entry{"Flatten", import_flatten},
    Entry{"Floor", import_plain<Op::kFloor>},
    Entry{"GRU", import_gru},
    Entry{"Gather", import_gather},
    Entry{"GatherElements", import_gather_elements},
    Entry{"GatherND", import_gather_nd},
    Entry{"Gelu", import_gelu},
    Entry{"Gemm", import_gemm},
    Entry{"GlobalAveragePool", import_plain<Op::kGlobalAveragePool>},
    Entry{"GlobalLpPool", import_global_lp_pool},
    Entry{"GlobalMaxPool", import_plain<Op::kGlobalMaxPool>},
    Entry{"Greater", import_binary<Op::kGreater>},
    Entry{"GreaterOrEqual", import_plain<Op::kGreaterOrEqual>},
    Entry{"GridSample", import_grid_sample},
    Entry{"GroupNormalization", import_group_normalization},
    Entry{"HammingWindow", import_signal_window<Op::kHammingWindow>},
    Entry{"HannWindow", import_signal_window<Op::kHannWindow>},
    Entry{"HardSigmoid", import_hard_sigmoid},
    Entry{"HardSwish", import_plain<Op::kHardSwish>},
    Entry{"Hardmax", import_softmax_like<Op::kHardmax>},
    Entry{"Identity", import_plain<Op::kIdentity>},
    Entry{"InstanceNormalization", import_instance_normalization},
    Entry{"IsInf", import_is_inf},
    Entry{"IsNaN", import_plain<Op::kIsNaN>},
    Entry{"LRN", import_lrn},
    Entry{"LSTM", import_lstm},
    Entry{"LayerNormalization", import_layer_normalization},
    Entry{"LeakyRelu", import_leaky_relu},
    Entry{"Less", import_swapped<Op::kGreater>},
    Entry{"LessOrEqual", import_swapped<Op::kGreaterOrEqual>},
    Entry{"Log", import_plain<Op::kLog>},
    Entry{"LogSoftmax", import_softmax_like<Op::kLogSoftmax>},
    Entry{"LpNormalization", import_lp_normalization},
    Entry{"LpPool", import_lp_pool},
    Entry{"MatMul", import_plain<Op::kMatMul>},
    Entry{"MatMulInteger", import_matmul_integer},
    Entry{"Max", import_plain<Op::kMax>},
    Entry{"MaxPool", import_max_pool},
    Entry{"MaxRoiPool", import_max_roi_pool},
    Entry{"MaxUnpool", import_max_unpool},
    Entry{"Mean", import_mean},
    Entry{"MeanVarianceNormalization", import_mean_variance_normalization},
    Entry{"MelWeightMatrix", import_mel_weight_matrix},
    Entry{"Min", import_plain<Op::kMin>},
    Entry{"Mish", import_mish},
    Entry{"Mod", import_mod},
    Entry{"Mul", import_binary<Op::kMul>},
    Entry{"Neg", import_neg},
    Entry{"NonMaxSuppression", import_non_max_suppression},
    Entry{"NonZero", import_plain<Op::kNonZero>},
    Entry{"Not", import_plain<Op::kNot>},
    Entry{"OneHot", import_one_hot},
    Entry{"Or", import_binary<Op::kOr>},
    Entry{"PRelu", import_prelu},
    Entry{"Pad", import_pad},
    Entry{"Pow", import_binary<Op::kPow>},
    Entry{"QLinearConv", import_qlinear_conv},
    Entry{"QLinearMatMul", import_qlinear_matmul},
    Entry{"QuantizeLinear", import_quantize},
    Entry{"RMSNormalization", import_rms_normalization},
    Entry{"RNN", import_rnn},
    Entry{"Range", import_plain<Op::kRange>},
    Entry{"Reciprocal", import_reciprocal},
    Entry{"ReduceL1", import_reduce<Op::kReduceL1>},
    Entry{"ReduceL2", import_reduce<Op::kReduceL2>},
    Entry{"ReduceLogSum", import_reduce<Op::kReduceLogSum>},
    Entry{"ReduceLogSumExp", import_reduce<Op::kReduceLogSumExp>},
    Entry{"ReduceMax", import_reduce<Op::kReduceMax>},
    Entry{"ReduceMean", import_reduce<Op::kReduceMean>},
    Entry{"ReduceMin", import_reduce<Op::kReduceMin>},
    Entry{"ReduceProd", import_reduce<Op::kReduceProd>},
    Entry{"ReduceSum", import_reduce<Op::kReduceSum>},
    Entry{"ReduceSumSquare", import_reduce<Op::kReduceSumSquare>},
    Entry{"Relu", import_plain<Op::kRelu>},
    Entry{"Reshape", import_reshape},
    Entry{"Resize", import_resize},
    Entry{"ReverseSequence", import_reverse_sequence},
    Entry{"RoiAlign", import_roi_align},
    Entry{"RotaryEmbedding", import_rotary_embedding},
    Entry{"Round", import_plain<Op::kRound>},
    Entry{"STFT", import_stft},
    Entry{"Scatter", import_scatter_elements},
    Entry{"ScatterElements", import_scatter_elements},
    Entry{"ScatterND", import_scatter_nd},
    Entry{"Selu", import_selu},
    Entry{"Shape", import_shape},
    Entry{"Shrink", import_shrink},
    Entry{"Sigmoid", import_plain<Op::kSigmoid>},
    Entry{"Sign", import_plain<Op::kSign>},
    Entry{"Sin", import_plain<Op::kSin>},
    Entry{"Sinh", import_plain<Op::kSinh>},
    Entry{"Size", import_size},
    Entry{"Slice", import_slice},
    Entry{"Softmax", import_softmax_like<Op::kSoftmax>},
    Entry{"Softplus", import_plain<Op::kSoftplus>},
    Entry{"Softsign", import_plain<Op::kSoftsign>},
    Entry{"SpaceToDepth", import_space_to_depth},
    Entry{"Split", import_split},
    Entry{"Sqrt", import_plain<Op::kSqrt>},
    Entry{"Squeeze", import_squeeze},
    Entry{"Sub", import_binary<Op::kSub>},
    Entry{"Sum", import_sum},
    Entry{"Swish", import_swish},
    Entry{"Tan", import_plain<Op::kTan>},
    Entry{"Tanh", import_plain<Op::kTanh>},
    Entry{"TfIdfVectorizer", import_tf_idf_vectorizer},
    Entry{"ThresholdedRelu", import_alpha<Op::kThresholdedRelu>},
    Entry{"Tile", import_tile},
    Entry{"TopK", import_top_k},
    Entry{"Transpose", import_transpose},
    Entry{"Trilu", import_trilu},
    Entry{"Unique", import_unique},
    Entry{"Unsqueeze", import_unsqueeze},
    Entry{"Upsample", import_upsample},
    Entry{"Where", import_plain<Op::kWhere>},
    Entry{"Xor", import_binary<Op::kXor>},
};

// ONNX Runtime's own (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
constexpr std::array kMicrosoftTable = {
    Entry{"BiasGelu", import_bias_gelu},
    Entry{"DequantizeLinear", import_dequantize},
    Entry{"FastGelu", import_fast_gelu},
    Entry{"FusedConv", import_fused_conv},
    Entry{"FusedGemm", import_fused_gemm},
    Entry{"FusedMatMul", import_fused_matmul},
    Entry{"Gelu", import_gelu},
    Entry{"NhwcConv", import_nhwc_conv},
    Entry{"QLinearAdd", import_qlinear_binary<Op::kAdd>},
    Entry{"QLinearAveragePool", import_qlinear_average_pool},
    Entry{"QLinearConcat", import_qlinear_concat},
    Entry{"QLinearGlobalAveragePool", import_qlinear_global_average_pool},
    Entry{"QLinearLeakyRelu", import_qlinear_leaky_relu},
    Entry{"QLinearMul", import_qlinear_binary<Op::kMul>},
    Entry{"QLinearSigmoid", import_qlinear_sigmoid},
    Entry{"QuantizeLinear", import_quantize},
    Entry{"QuickGelu", import_quick_gelu},
    Entry{"TransposeMatMul", import_fused_matmul},
};

ImportFn find_in(std::span<const Entry> table, std::string_view op_type) {
  const auto found = std::ranges::find(table, op_type, &Entry::name);
  return found == table.end() ? nullptr : found->import;
}

}  // namespace

ImportFn find_importer(std::string_view domain, std::string_view op_type) {
  if (domain == "com.microsoft") return find_in(kMicrosoftTable, op_type);
  return domain.empty() ? find_in(kTable, op_type) : nullptr;
}

std::string supported_operators() {
  std::string list;
  for (const Entry& entry : kTable) {
    if (!list.empty()) list += ", ";
    list += entry.name;
  }
  for (const Entry& entry : kMicrosoftTable) list += fmt::format(", com.microsoft.{}", entry.name);
  return list;
}

}  // namespace saker::onnx
