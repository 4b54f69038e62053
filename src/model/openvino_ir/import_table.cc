// Every layer type of OpenVINO IR that saker reads, in one list. Versions of a type differ in attributes and inputs,
// which the importers tell by themselves.
#include <algorithm>
#include <array>

#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

constexpr std::size_t kMany = SIZE_MAX;

constexpr std::array kTable = {
    ImportEntry{"Abs", import_plain<Op::kAbs>, 1, 1},
    ImportEntry{"Acos", import_plain<Op::kAcos>, 1, 1},
    ImportEntry{"Acosh", import_plain<Op::kAcosh>, 1, 1},
    ImportEntry{"Add", import_add, 2, 2},
    ImportEntry{"Asin", import_plain<Op::kAsin>, 1, 1},
    ImportEntry{"Asinh", import_plain<Op::kAsinh>, 1, 1},
    ImportEntry{"Atan", import_plain<Op::kAtan>, 1, 1},
    ImportEntry{"Atanh", import_plain<Op::kAtanh>, 1, 1},
    ImportEntry{"AvgPool", import_avg_pool, 1, 1},
    ImportEntry{"BatchNormInference", import_batch_norm, 5, 5},
    ImportEntry{"Broadcast", import_broadcast, 2, 3},
    ImportEntry{"Ceiling", import_rounding<Op::kCeil>, 1, 1},
    ImportEntry{"Clamp", import_clamp, 1, 1},
    ImportEntry{"Concat", import_concat, 1, kMany},
    ImportEntry{"Convert", import_convert, 1, 1},
    ImportEntry{"Convolution", import_convolution, 2, 2},
    ImportEntry{"ConvolutionBackpropData", import_convolution_backprop, 2, 3},
    ImportEntry{"Cos", import_plain<Op::kCos>, 1, 1},
    ImportEntry{"Cosh", import_plain<Op::kCosh>, 1, 1},
    ImportEntry{"CumSum", import_cum_sum, 2, 2},
    ImportEntry{"DepthToSpace", import_depth_to_space, 1, 1},
    ImportEntry{"Divide", import_divide, 2, 2},
    ImportEntry{"Elu", import_elu, 1, 1},
    ImportEntry{"Equal", import_plain<Op::kEqual>, 2, 2},
    ImportEntry{"Erf", import_plain<Op::kErf>, 1, 1},
    ImportEntry{"Exp", import_plain<Op::kExp>, 1, 1},
    ImportEntry{"FakeQuantize", import_fake_quantize, 5, 5},
    ImportEntry{"Floor", import_rounding<Op::kFloor>, 1, 1},
    ImportEntry{"FloorMod", import_floor_mod, 2, 2},
    ImportEntry{"Gather", import_gather, 3, 3},
    ImportEntry{"GatherElements", import_gather_elements, 2, 2},
    ImportEntry{"GatherND", import_gather_nd, 2, 2},
    ImportEntry{"Gelu", import_gelu, 1, 1},
    ImportEntry{"Greater", import_plain<Op::kGreater>, 2, 2},
    ImportEntry{"GreaterEqual", import_plain<Op::kGreaterOrEqual>, 2, 2},
    ImportEntry{"GroupConvolution", import_group_convolution, 2, 2},
    ImportEntry{"GroupConvolutionBackpropData", import_group_convolution_backprop, 2, 3},
    ImportEntry{"HSigmoid", import_h_sigmoid, 1, 1},
    ImportEntry{"HSwish", import_plain<Op::kHardSwish>, 1, 1},
    ImportEntry{"HardSigmoid", import_hard_sigmoid, 3, 3},
    ImportEntry{"Interpolate", import_interpolate, 2, 4},
    ImportEntry{"IsInf", import_is_inf, 1, 1},
    ImportEntry{"IsNaN", import_plain<Op::kIsNaN>, 1, 1},
    ImportEntry{"Less", import_less, 2, 2},
    ImportEntry{"Log", import_plain<Op::kLog>, 1, 1},
    ImportEntry{"LogSoftmax", import_log_softmax, 1, 1},
    ImportEntry{"LogicalAnd", import_plain<Op::kAnd>, 2, 2},
    ImportEntry{"LogicalNot", import_plain<Op::kNot>, 1, 1},
    ImportEntry{"LogicalOr", import_plain<Op::kOr>, 2, 2},
    ImportEntry{"LogicalXor", import_plain<Op::kXor>, 2, 2},
    ImportEntry{"MatMul", import_mat_mul, 2, 2},
    ImportEntry{"MaxPool", import_max_pool, 1, 1},
    ImportEntry{"Maximum", import_maximum, 2, 2},
    ImportEntry{"Minimum", import_minimum, 2, 2},
    ImportEntry{"Mod", import_mod, 2, 2},
    ImportEntry{"Multiply", import_multiply, 2, 2},
    ImportEntry{"NonMaxSuppression", import_non_max_suppression, 2, 6},
    ImportEntry{"NonZero", import_non_zero, 1, 1},
    ImportEntry{"PReLU", import_prelu, 2, 2},
    ImportEntry{"Pad", import_pad, 3, 4},
    ImportEntry{"Power", import_power, 2, 2},
    ImportEntry{"Range", import_range, 3, 3},
    ImportEntry{"ReLU", import_plain<Op::kRelu>, 1, 1},
    ImportEntry{"ReduceL1", import_reduce<Op::kReduceL1>, 2, 2},
    ImportEntry{"ReduceL2", import_reduce<Op::kReduceL2>, 2, 2},
    ImportEntry{"ReduceMax", import_reduce<Op::kReduceMax>, 2, 2},
    ImportEntry{"ReduceMean", import_reduce<Op::kReduceMean>, 2, 2},
    ImportEntry{"ReduceMin", import_reduce<Op::kReduceMin>, 2, 2},
    ImportEntry{"ReduceProd", import_reduce_prod, 2, 2},
    ImportEntry{"ReduceSum", import_reduce<Op::kReduceSum>, 2, 2},
    ImportEntry{"Reshape", import_reshape, 2, 2},
    ImportEntry{"Round", import_round, 1, 1},
    ImportEntry{"ScatterNDUpdate", import_scatter_nd_update, 3, 3},
    ImportEntry{"ScatterUpdate", import_scatter_update, 4, 4},
    ImportEntry{"Select", import_plain<Op::kWhere>, 3, 3},
    ImportEntry{"ShapeOf", import_shape_of, 1, 1},
    ImportEntry{"Sigmoid", import_plain<Op::kSigmoid>, 1, 1},
    ImportEntry{"Sign", import_plain<Op::kSign>, 1, 1},
    ImportEntry{"Sin", import_plain<Op::kSin>, 1, 1},
    ImportEntry{"Sinh", import_plain<Op::kSinh>, 1, 1},
    ImportEntry{"Slice", import_slice, 4, 5},
    ImportEntry{"SoftMax", import_softmax, 1, 1},
    ImportEntry{"SoftPlus", import_plain<Op::kSoftplus>, 1, 1},
    ImportEntry{"SoftSign", import_plain<Op::kSoftsign>, 1, 1},
    ImportEntry{"SpaceToDepth", import_space_to_depth, 1, 1},
    ImportEntry{"Split", import_split, 2, 2},
    ImportEntry{"Sqrt", import_plain<Op::kSqrt>, 1, 1},
    ImportEntry{"SquaredDifference", import_squared_difference, 2, 2},
    ImportEntry{"Squeeze", import_squeeze, 1, 2},
    ImportEntry{"StridedSlice", import_strided_slice, 3, 4},
    ImportEntry{"Subtract", import_subtract, 2, 2},
    ImportEntry{"Swish", import_swish, 1, 2},
    ImportEntry{"Tan", import_plain<Op::kTan>, 1, 1},
    ImportEntry{"Tanh", import_plain<Op::kTanh>, 1, 1},
    ImportEntry{"Tile", import_tile, 2, 2},
    ImportEntry{"TopK", import_top_k, 2, 2},
    ImportEntry{"Transpose", import_transpose, 2, 2},
    ImportEntry{"Unsqueeze", import_unsqueeze, 2, 2},
    ImportEntry{"VariadicSplit", import_variadic_split, 3, 3},
};

}  // namespace

const ImportEntry* find_importer(const Layer& layer) {
  // Other versions are extensions of somebody's own, whatever their type is called.
  if (!layer.version.starts_with("opset")) return nullptr;
  const auto* const found = std::ranges::find(kTable, layer.type, &ImportEntry::type);
  return found == kTable.end() ? nullptr : found;
}

std::string supported_layers() {
  std::string list = "Const, Parameter, Result";
  for (const ImportEntry& entry : kTable) {
    list += ", ";
    list += entry.type;
  }
  return list;
}

}  // namespace saker::openvino_ir
