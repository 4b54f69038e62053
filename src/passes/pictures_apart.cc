// Which operators treat the pictures of a batch each by itself: a rule for each of them.
#include "passes/pictures_apart.h"

#include <algorithm>

namespace saker {
namespace {

using Reason = const char*;  // null: none
constexpr Reason kApart = nullptr;
constexpr Reason kMixes = "it works along the pictures";
constexpr Reason kUnknownAxes = "which axes it works along only the data decides";
constexpr Reason kNotFirst = "its result has no axis of pictures in front";
constexpr Reason kSharedOperand = "one of its operands is the same for all pictures";

// Reads a node for the rules.
class Rules {
 public:
  explicit Rules(const BatchedNode& of) : graph_(of.graph), node_(of.node), batched_(of.batched) {}

  // Result element by element of the operands, which broadcast.
  Reason elementwise() const {
    for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
      if (!node_.has_input(i)) continue;
      const bool front = rank(i) == result().size();
      if (batched_[i] && !front) return kNotFirst;
      if (!batched_[i] && front && shape(i)[0] != 1) return "an operand has an entry for each picture of its own";
    }
    return kApart;
  }

  // Of input 0 alone; the others say how.
  Reason first_input() const {
    for (std::size_t i = 1; i < node_.inputs.size(); ++i) {
      if (batched_[i]) return "how it works hangs on the picture";
    }
    return kApart;
  }

  // The same along an axis that is not the pictures'.
  Reason along(std::int64_t axis) const { return is_front(axis, rank(0)) ? kMixes : first_input(); }
  Reason along_all(const std::vector<std::int64_t>& axes, std::size_t of_rank) const {
    if (axes.empty()) return kUnknownAxes;
    const bool front = std::ranges::any_of(axes, [&](std::int64_t axis) { return is_front(axis, of_rank); });
    return front ? kMixes : first_input();
  }

  Reason pool() const {
    return node_.outputs.size() > 1 && node_.outputs[1] != kNoValue ? "its indices count over all pictures"
                                                                    : first_input();
  }

  Reason joined(std::int64_t axis) const {
    if (is_front(axis, rank(0))) return kMixes;
    for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
      if (!batched_[i]) return kSharedOperand;
    }
    return kApart;
  }

  Reason slice() const {
    constexpr std::int64_t kToTheEnd = INT32_MAX;
    const auto starts = ints(1), ends = ints(2), axes = ints(3), steps = ints(4);
    if (axes.empty() || starts.size() != axes.size() || ends.size() != axes.size()) return kUnknownAxes;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const bool all = starts[i] == 0 && ends[i] >= kToTheEnd && (steps.empty() || steps[i] == 1);
      if (is_front(axes[i], rank(0)) && !all) return kMixes;
    }
    return first_input();
  }

  Reason gather(std::int64_t axis) const {
    if (batched_[0] && batched_[1]) return kMixes;
    if (batched_[0]) return along(axis);
    return is_front(axis, rank(0)) ? kApart : kNotFirst;
  }
  Reason gather_nd(std::int64_t batch_dims) const {
    if (!batched_[0] || !batched_[1]) return kSharedOperand;
    return batch_dims > 0 ? kApart : kMixes;
  }

  Reason transpose(const std::vector<std::int64_t>& perm) const {
    return !perm.empty() && perm[0] == 0 ? kApart : kNotFirst;
  }
  Reason flatten(std::int64_t axis) const { return is_front(axis, rank(0)) ? kMixes : kApart; }
  Reason reshape(const ReshapeAttrs& attrs) const {
    const auto to = ints(1);
    if (to.empty()) return "its target is not constant";
    if (attrs.allow_zero && std::ranges::find(to, 0) != to.end()) return "its target has extents of 0";
    return first_input();
  }
  Reason expand() const { return rank(0) == result().size() ? first_input() : kNotFirst; }
  Reason tile() const {
    const auto repeats = ints(1);
    if (repeats.empty()) return kUnknownAxes;
    return repeats[0] == 1 ? first_input() : kMixes;
  }

  // Pads: begins, then ends; of all axes, or of those of input 3.
  Reason pad() const {
    const auto pads = ints(1);
    std::vector<std::int64_t> axes = ints(3);
    if (pads.empty() || (node_.has_input(3) && axes.empty())) return kUnknownAxes;
    for (std::size_t i = 0; axes.size() < pads.size() / 2 && !node_.has_input(3); ++i)
      axes.push_back(static_cast<std::int64_t>(i));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (is_front(axes[i], rank(0)) && (pads[i] != 0 || pads[axes.size() + i] != 0)) return kMixes;
    }
    return first_input();
  }

  Reason resize(const ResizeAttrs& attrs) const {
    if (attrs.coordinates == ResizeCoordinates::kTfCropAndResize) return "it crops";
    if (!attrs.axes.empty()) return along_all(attrs.axes, rank(0));
    const Tensor* to = constant(is_given(3) ? 3 : 2);
    if (to == nullptr || to->elements() == 0) return kUnknownAxes;
    if (is_given(3)) return attrs.aspect == ResizeAspect::kStretch ? first_input() : "its sizes keep the aspect";
    return to->dtype() == DType::kFloat32 && *to->data<float>() == 1 ? first_input() : kMixes;
  }

  Reason matmul() const {
    const std::size_t a = rank(0), b = rank(1);
    if (batched_[0] && batched_[1]) return a == b && a > 2 ? kApart : kMixes;
    if (batched_[0]) {  // rows, or matrices
      if (a < 2 || b > a) return kNotFirst;
      return a == 2 || b < a || shape(1)[0] == 1 ? kApart : kSharedOperand;
    }
    if (b < 3 || a > b) return kNotFirst;
    return a < b || shape(0)[0] == 1 ? kApart : kSharedOperand;
  }
  Reason gemm(const GemmAttrs& attrs) const {
    if (!batched_[0] || batched_[1] || attrs.trans_a) return kMixes;
    if (!node_.has_input(2)) return kApart;
    if (batched_[2]) return rank(2) == 2 ? kApart : kNotFirst;
    return rank(2) < 2 || shape(2)[0] == 1 ? kApart : kSharedOperand;
  }

  std::vector<std::int64_t> ints(std::size_t i) const { return constant_ints(graph_, node_, i); }
  std::size_t rank(std::size_t i) const { return shape(i).size(); }
  std::size_t result_rank() const { return result().size(); }

 private:
  const Shape& shape(std::size_t i) const { return *graph_.value(node_.inputs[i]).shape; }
  const Shape& result() const { return *graph_.value(node_.outputs[0]).shape; }
  const Tensor* constant(std::size_t i) const {  // null: none
    if (!node_.has_input(i) || !graph_.value(node_.inputs[i]).constant) return nullptr;
    return &*graph_.value(node_.inputs[i]).constant;
  }
  bool is_given(std::size_t i) const { return node_.has_input(i) && shape(i) != Shape{0}; }
  static bool is_front(std::int64_t axis, std::size_t of_rank) { return axis_index(axis, of_rank) == 0; }

  const Graph& graph_;
  const Node& node_;
  const std::vector<bool>& batched_;
};

bool is_elementwise(Op op) {
  switch (op) {
    case Op::kAbs:
    case Op::kAcos:
    case Op::kAcosh:
    case Op::kAdd:
    case Op::kAnd:
    case Op::kAsin:
    case Op::kAsinh:
    case Op::kAtan:
    case Op::kAtanh:
    case Op::kBitShift:
    case Op::kBitwiseAnd:
    case Op::kBitwiseNot:
    case Op::kBitwiseOr:
    case Op::kBitwiseXor:
    case Op::kCast:
    case Op::kCeil:
    case Op::kCelu:
    case Op::kCos:
    case Op::kCosh:
    case Op::kDiv:
    case Op::kElu:
    case Op::kEqual:
    case Op::kErf:
    case Op::kExp:
    case Op::kFloor:
    case Op::kGelu:
    case Op::kGreater:
    case Op::kGreaterOrEqual:
    case Op::kHardSigmoid:
    case Op::kHardSwish:
    case Op::kIdentity:
    case Op::kIsInf:
    case Op::kIsNaN:
    case Op::kLeakyRelu:
    case Op::kLog:
    case Op::kMax:
    case Op::kMin:
    case Op::kMod:
    case Op::kMul:
    case Op::kNot:
    case Op::kOr:
    case Op::kPow:
    case Op::kPRelu:
    case Op::kRelu:
    case Op::kRound:
    case Op::kSelu:
    case Op::kShrink:
    case Op::kSigmoid:
    case Op::kSign:
    case Op::kSilu:
    case Op::kSin:
    case Op::kSinh:
    case Op::kSoftplus:
    case Op::kSoftsign:
    case Op::kSqrt:
    case Op::kSub:
    case Op::kTan:
    case Op::kTanh:
    case Op::kThresholdedRelu:
    case Op::kWhere:
    case Op::kXor:
      return true;
    default:
      return false;
  }
}

}  // namespace

const char* why_not_apart(const BatchedNode& batched) {
  const Rules rules(batched);
  const Node& node = batched.node;
  if (is_elementwise(node.op)) return rules.elementwise();
  switch (node.op) {
    case Op::kAveragePool:
    case Op::kBatchNormalization:
    case Op::kClip:
    case Op::kConv:
    case Op::kConvTranspose:
    case Op::kDepthToSpace:
    case Op::kGlobalAveragePool:
    case Op::kGlobalMaxPool:
    case Op::kGlobalLpPool:
    case Op::kGroupNormalization:
    case Op::kInstanceNormalization:
    case Op::kLpPool:
    case Op::kLRN:
    case Op::kSpaceToDepth:
      return rules.first_input();
    case Op::kMaxPool:
      return rules.pool();
    case Op::kDequantizeLinear:
    case Op::kQuantizeLinear:
      return rules.along(node.as<AxisAttrs>().axis);
    case Op::kLayerNormalization:
    case Op::kRMSNormalization:
      return rules.along(node.as<NormalizationAttrs>().axis);
    case Op::kLpNormalization:
      return rules.along(node.as<LpAttrs>().axis);
    case Op::kArgMax:
    case Op::kArgMin:
      return rules.along(node.as<ArgMaxAttrs>().axis);
    case Op::kHardmax:
    case Op::kLogSoftmax:
    case Op::kSoftmax:
      return rules.along(node.as<SoftmaxAttrs>().axis);
    case Op::kSplit:
      return rules.along(node.as<SplitAttrs>().axis);
    case Op::kTopK:
      return rules.along(node.as<TopKAttrs>().axis);
    case Op::kReduceL1:
    case Op::kReduceL2:
    case Op::kReduceLogSum:
    case Op::kReduceLogSumExp:
    case Op::kReduceMax:
    case Op::kReduceMean:
    case Op::kReduceMin:
    case Op::kReduceProd:
    case Op::kReduceSum:
    case Op::kReduceSumSquare:
    case Op::kSqueeze:
      return rules.along_all(rules.ints(1), rules.rank(0));
    case Op::kUnsqueeze:
      return rules.along_all(rules.ints(1), rules.result_rank());
    case Op::kConcat:
    case Op::kGatherElements:
      return rules.joined(node.as<AxisAttrs>().axis);
    case Op::kSlice:
      return rules.slice();
    case Op::kGather:
      return rules.gather(node.as<AxisAttrs>().axis);
    case Op::kGatherND:
      return rules.gather_nd(node.as<BatchDimsAttrs>().batch_dims);
    case Op::kTranspose:
      return rules.transpose(node.as<TransposeAttrs>().perm);
    case Op::kFlatten:
      return rules.flatten(node.as<AxisAttrs>().axis);
    case Op::kReshape:
      return rules.reshape(node.as<ReshapeAttrs>());
    case Op::kExpand:
      return rules.expand();
    case Op::kTile:
      return rules.tile();
    case Op::kPad:
      return rules.pad();
    case Op::kResize:
      return rules.resize(node.as<ResizeAttrs>());
    case Op::kMatMul:
      return rules.matmul();
    case Op::kGemm:
      return rules.gemm(node.as<GemmAttrs>());
    default:
      return "it may look at several pictures at a time";
  }
}

std::vector<std::int64_t> constant_ints(const Graph& graph, const Node& node, std::size_t input) {
  if (!node.has_input(input)) return {};
  const Value& value = graph.value(node.inputs[input]);
  if (!value.constant || value.dtype != DType::kInt64 || value.shape->size() > 1) return {};
  const auto* data = value.constant->data<std::int64_t>();
  return {data, data + value.constant->elements()};
}

}  // namespace saker
