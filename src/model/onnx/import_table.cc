// Every ONNX operator saker reads, in one list.
#include <algorithm>
#include <array>

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
    Entry{"ConvTranspose", import_conv_transpose},
    Entry{"DepthToSpace", import_depth_to_space},
    Entry{"Div", import_plain<Op::kDiv>},
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

}  // namespace

ImportFn find_importer(std::string_view op_type) {
  const auto found = std::ranges::find(kTable, op_type, &Entry::name);
  return found == kTable.end() ? nullptr : found->import;
}

std::string supported_operators() {
  std::string list;
  for (const Entry& entry : kTable) {
    if (!list.empty()) list += ", ";
    list += entry.name;
  }
  return list;
}

}  // namespace saker::onnx
