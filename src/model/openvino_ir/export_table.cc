// Every operator that IR can say, in one list.
#include <algorithm>
#include <array>

#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

// An operator without attributes whose inputs are those of a layer.
struct PlainEntry {
  Op op;
  const char* type;
  const char* version;
  bool broadcasts = false;
};
constexpr std::array kPlain = {
    PlainEntry{Op::kAbs, "Abs", "opset1"},
    PlainEntry{Op::kAcos, "Acos", "opset1"},
    PlainEntry{Op::kAcosh, "Acosh", "opset4"},
    PlainEntry{Op::kAdd, "Add", "opset1", true},
    PlainEntry{Op::kAnd, "LogicalAnd", "opset1", true},
    PlainEntry{Op::kAsin, "Asin", "opset1"},
    PlainEntry{Op::kAsinh, "Asinh", "opset4"},
    PlainEntry{Op::kAtan, "Atan", "opset1"},
    PlainEntry{Op::kAtanh, "Atanh", "opset4"},
    PlainEntry{Op::kCeil, "Ceiling", "opset1"},
    PlainEntry{Op::kCos, "Cos", "opset1"},
    PlainEntry{Op::kCosh, "Cosh", "opset1"},
    PlainEntry{Op::kEqual, "Equal", "opset1", true},
    PlainEntry{Op::kErf, "Erf", "opset1"},
    PlainEntry{Op::kExp, "Exp", "opset1"},
    PlainEntry{Op::kFloor, "Floor", "opset1"},
    PlainEntry{Op::kGreater, "Greater", "opset1", true},
    PlainEntry{Op::kGreaterOrEqual, "GreaterEqual", "opset1", true},
    PlainEntry{Op::kHardSwish, "HSwish", "opset4"},
    PlainEntry{Op::kIsNaN, "IsNaN", "opset10"},
    PlainEntry{Op::kLog, "Log", "opset1"},
    PlainEntry{Op::kMul, "Multiply", "opset1", true},
    PlainEntry{Op::kNot, "LogicalNot", "opset1"},
    PlainEntry{Op::kOr, "LogicalOr", "opset1", true},
    PlainEntry{Op::kPow, "Power", "opset1", true},
    PlainEntry{Op::kRelu, "ReLU", "opset1"},
    PlainEntry{Op::kSigmoid, "Sigmoid", "opset1"},
    PlainEntry{Op::kSign, "Sign", "opset1"},
    PlainEntry{Op::kSilu, "Swish", "opset4"},
    PlainEntry{Op::kSin, "Sin", "opset1"},
    PlainEntry{Op::kSinh, "Sinh", "opset1"},
    PlainEntry{Op::kSoftplus, "SoftPlus", "opset4"},
    PlainEntry{Op::kSoftsign, "SoftSign", "opset9"},
    PlainEntry{Op::kSqrt, "Sqrt", "opset1"},
    PlainEntry{Op::kSub, "Subtract", "opset1", true},
    PlainEntry{Op::kTan, "Tan", "opset1"},
    PlainEntry{Op::kTanh, "Tanh", "opset1"},
    PlainEntry{Op::kTile, "Tile", "opset1"},
    PlainEntry{Op::kWhere, "Select", "opset1", true},
    PlainEntry{Op::kXor, "LogicalXor", "opset1", true},
};

struct OwnEntry {
  Op op;
  Status (*write)(NodeExporter&);
};
constexpr std::array kOwn = {
    OwnEntry{Op::kArgMax, export_arg_max},
    OwnEntry{Op::kArgMin, export_arg_max},
    OwnEntry{Op::kAveragePool, export_average_pool},
    OwnEntry{Op::kBatchNormalization, export_batch_norm},
    OwnEntry{Op::kCast, export_cast},
    OwnEntry{Op::kCastLike, export_cast},
    OwnEntry{Op::kClip, export_clip},
    OwnEntry{Op::kConcat, export_concat},
    OwnEntry{Op::kConstantOfShape, export_constant_of_shape},
    OwnEntry{Op::kConv, export_conv},
    OwnEntry{Op::kConvTranspose, export_conv_transpose},
    OwnEntry{Op::kCumSum, export_cum_sum},
    OwnEntry{Op::kDepthToSpace, export_depth_to_space},
    OwnEntry{Op::kDequantizeLinear, export_dequantize},
    OwnEntry{Op::kDiv, export_div},
    OwnEntry{Op::kElu, export_elu},
    OwnEntry{Op::kExpand, export_expand},
    OwnEntry{Op::kFlatten, export_flatten},
    OwnEntry{Op::kGather, export_gather},
    OwnEntry{Op::kGatherElements, export_gather_elements},
    OwnEntry{Op::kGatherND, export_gather_nd},
    OwnEntry{Op::kGelu, export_gelu},
    OwnEntry{Op::kGemm, export_gemm},
    OwnEntry{Op::kGlobalAveragePool, export_global_pool},
    OwnEntry{Op::kGlobalMaxPool, export_global_pool},
    OwnEntry{Op::kHardSigmoid, export_hard_sigmoid},
    OwnEntry{Op::kIdentity, export_identity},
    OwnEntry{Op::kIsInf, export_is_inf},
    OwnEntry{Op::kLeakyRelu, export_leaky_relu},
    OwnEntry{Op::kLogSoftmax, export_softmax},
    OwnEntry{Op::kMatMul, export_mat_mul},
    OwnEntry{Op::kMax, export_max},
    OwnEntry{Op::kMaxPool, export_max_pool},
    OwnEntry{Op::kMin, export_min},
    OwnEntry{Op::kMod, export_mod},
    OwnEntry{Op::kNonMaxSuppression, export_non_max_suppression},
    OwnEntry{Op::kNonZero, export_non_zero},
    OwnEntry{Op::kPRelu, export_prelu},
    OwnEntry{Op::kPad, export_pad},
    OwnEntry{Op::kQuantizeLinear, export_quantize},
    OwnEntry{Op::kRange, export_range},
    OwnEntry{Op::kReduceL1, export_reduce},
    OwnEntry{Op::kReduceL2, export_reduce},
    OwnEntry{Op::kReduceMax, export_reduce},
    OwnEntry{Op::kReduceMean, export_reduce},
    OwnEntry{Op::kReduceMin, export_reduce},
    OwnEntry{Op::kReduceProd, export_reduce},
    OwnEntry{Op::kReduceSum, export_reduce},
    OwnEntry{Op::kReshape, export_reshape},
    OwnEntry{Op::kResize, export_resize},
    OwnEntry{Op::kRound, export_round},
    OwnEntry{Op::kScatterND, export_scatter_nd},
    OwnEntry{Op::kShape, export_shape_of},
    OwnEntry{Op::kSlice, export_slice},
    OwnEntry{Op::kSoftmax, export_softmax},
    OwnEntry{Op::kSpaceToDepth, export_space_to_depth},
    OwnEntry{Op::kSplit, export_split},
    OwnEntry{Op::kSqueeze, export_squeeze},
    OwnEntry{Op::kTopK, export_top_k},
    OwnEntry{Op::kTranspose, export_transpose},
    OwnEntry{Op::kUnsqueeze, export_squeeze},
};

}  // namespace

Status export_node(NodeExporter& node) {
  const auto* const own = std::ranges::find(kOwn, node.node().op, &OwnEntry::op);
  if (own != kOwn.end()) return own->write(node);
  const auto* const plain = std::ranges::find(kPlain, node.node().op, &PlainEntry::op);
  if (plain == kPlain.end()) return unsupported("there is no such operation");
  std::vector<Source> inputs;
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i) inputs.push_back(node.input(i));
  LayerData data;
  if (plain->broadcasts) data.emplace_back("auto_broadcast", "numpy");
  return node.emit(plain->type, plain->version, std::move(data), std::move(inputs));
}

}  // namespace saker::openvino_ir
