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
    Entry{"Add", import_plain<Op::kAdd>},
    Entry{"ArgMax", import_arg_max},
    Entry{"AveragePool", import_average_pool},
    Entry{"BatchNormalization", import_batch_normalization},
    Entry{"Cast", import_cast},
    Entry{"Ceil", import_plain<Op::kCeil>},
    Entry{"Clip", import_clip},
    Entry{"Concat", import_concat},
    Entry{"Constant", import_constant},
    Entry{"ConstantOfShape", import_constant_of_shape},
    Entry{"Conv", import_conv},
    Entry{"ConvInteger", import_conv_integer},
    Entry{"ConvTranspose", import_conv_transpose},
    Entry{"DepthToSpace", import_depth_to_space},
    Entry{"DequantizeLinear", import_dequantize},
    Entry{"Div", import_plain<Op::kDiv>},
    Entry{"DynamicQuantizeLinear", import_plain<Op::kDynamicQuantizeLinear>},
    Entry{"Equal", import_plain<Op::kEqual>},
    Entry{"Erf", import_plain<Op::kErf>},
    Entry{"Exp", import_plain<Op::kExp>},
    Entry{"Expand", import_plain<Op::kExpand>},
    Entry{"Flatten", import_flatten},
    Entry{"Floor", import_plain<Op::kFloor>},
    Entry{"Gather", import_gather},
    Entry{"GatherElements", import_gather_elements},
    Entry{"GatherND", import_gather_nd},
    Entry{"Gemm", import_gemm},
    Entry{"GlobalAveragePool", import_plain<Op::kGlobalAveragePool>},
    Entry{"Greater", import_plain<Op::kGreater>},
    Entry{"HardSigmoid", import_hard_sigmoid},
    Entry{"HardSwish", import_plain<Op::kHardSwish>},
    Entry{"Identity", import_plain<Op::kIdentity>},
    Entry{"LeakyRelu", import_leaky_relu},
    Entry{"MatMul", import_plain<Op::kMatMul>},
    Entry{"MatMulInteger", import_matmul_integer},
    Entry{"Max", import_plain<Op::kMax>},
    Entry{"MaxPool", import_max_pool},
    Entry{"Min", import_plain<Op::kMin>},
    Entry{"Mod", import_mod},
    Entry{"Mul", import_plain<Op::kMul>},
    Entry{"NonMaxSuppression", import_non_max_suppression},
    Entry{"NonZero", import_plain<Op::kNonZero>},
    Entry{"PRelu", import_plain<Op::kPRelu>},
    Entry{"Pad", import_pad},
    Entry{"Pow", import_plain<Op::kPow>},
    Entry{"QLinearConv", import_qlinear_conv},
    Entry{"QLinearMatMul", import_qlinear_matmul},
    Entry{"QuantizeLinear", import_quantize},
    Entry{"Range", import_plain<Op::kRange>},
    Entry{"ReduceMax", import_reduce_max},
    Entry{"ReduceMean", import_reduce_mean},
    Entry{"ReduceSum", import_reduce_sum},
    Entry{"Relu", import_plain<Op::kRelu>},
    Entry{"Reshape", import_reshape},
    Entry{"Resize", import_resize},
    Entry{"ScatterND", import_scatter_nd},
    Entry{"Shape", import_shape},
    Entry{"Sigmoid", import_plain<Op::kSigmoid>},
    Entry{"Slice", import_slice},
    Entry{"Softmax", import_softmax},
    Entry{"SpaceToDepth", import_space_to_depth},
    Entry{"Split", import_split},
    Entry{"Sqrt", import_plain<Op::kSqrt>},
    Entry{"Squeeze", import_squeeze},
    Entry{"Sub", import_plain<Op::kSub>},
    Entry{"Tanh", import_plain<Op::kTanh>},
    Entry{"Tile", import_plain<Op::kTile>},
    Entry{"TopK", import_top_k},
    Entry{"Transpose", import_transpose},
    Entry{"Unsqueeze", import_unsqueeze},
    Entry{"Upsample", import_upsample},
    Entry{"Where", import_plain<Op::kWhere>},
};

// ONNX Runtime's own (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
constexpr std::array kMicrosoftTable = {
    Entry{"DequantizeLinear", import_dequantize},
    Entry{"QLinearAdd", import_qlinear_binary<Op::kAdd>},
    Entry{"QLinearAveragePool", import_qlinear_average_pool},
    Entry{"QLinearConcat", import_qlinear_concat},
    Entry{"QLinearGlobalAveragePool", import_qlinear_global_average_pool},
    Entry{"QLinearLeakyRelu", import_qlinear_leaky_relu},
    Entry{"QLinearMul", import_qlinear_binary<Op::kMul>},
    Entry{"QLinearSigmoid", import_qlinear_sigmoid},
    Entry{"QuantizeLinear", import_quantize},
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
