#include "graph/verifier.h"

#include <fmt/format.h>

#include "base/try.h"
#include "graph/op_def.h"

namespace saker {
namespace {

bool attributes_fit(const Node& node) {
  const auto holds = [&]<typename T>(T*) { return std::holds_alternative<T>(node.attrs); };
  switch (node.op) {
    case Op::kAffineGrid:
      return holds(static_cast<AffineGridAttrs*>(nullptr));
    case Op::kArgMax:
    case Op::kArgMin:
      return holds(static_cast<ArgMaxAttrs*>(nullptr));
    case Op::kAttention:
      return holds(static_cast<AttentionAttrs*>(nullptr));
    case Op::kAveragePool:
    case Op::kMaxPool:
      return holds(static_cast<PoolAttrs*>(nullptr));
    case Op::kBatchNormalization:
      return holds(static_cast<BatchNormalizationAttrs*>(nullptr));
    case Op::kBitShift:
      return holds(static_cast<BitShiftAttrs*>(nullptr));
    case Op::kBlackmanWindow:
    case Op::kHammingWindow:
    case Op::kHannWindow:
    case Op::kMelWeightMatrix:
      return holds(static_cast<SignalWindowAttrs*>(nullptr));
    case Op::kCast:
      return holds(static_cast<CastAttrs*>(nullptr));
    case Op::kCelu:
    case Op::kElu:
    case Op::kThresholdedRelu:
      return holds(static_cast<AlphaAttrs*>(nullptr));
    case Op::kCenterCropPad:
    case Op::kMeanVarianceNormalization:
      return holds(static_cast<AxesAttrs*>(nullptr));
    case Op::kCol2Im:
    case Op::kMaxUnpool:
      return holds(static_cast<WindowAttrs*>(nullptr));
    case Op::kCompress:
      return holds(static_cast<CompressAttrs*>(nullptr));
    case Op::kConcat:
    case Op::kDequantizeLinear:
    case Op::kFlatten:
    case Op::kGather:
    case Op::kGatherElements:
    case Op::kOneHot:
    case Op::kQuantizeLinear:
      return holds(static_cast<AxisAttrs*>(nullptr));
    case Op::kConstantOfShape:
      return holds(static_cast<ConstantOfShapeAttrs*>(nullptr));
    case Op::kConv:
      return holds(static_cast<ConvAttrs*>(nullptr));
    case Op::kConvInt8:
      return holds(static_cast<ConvInt8Attrs*>(nullptr));
    case Op::kConvTranspose:
      return holds(static_cast<ConvTransposeAttrs*>(nullptr));
    case Op::kCumSum:
      return holds(static_cast<CumSumAttrs*>(nullptr));
    case Op::kDeformConv:
      return holds(static_cast<DeformConvAttrs*>(nullptr));
    case Op::kDepthToSpace:
    case Op::kSpaceToDepth:
      return holds(static_cast<DepthSpaceAttrs*>(nullptr));
    case Op::kDFT:
      return holds(static_cast<DftAttrs*>(nullptr));
    case Op::kEinsum:
      return holds(static_cast<EinsumAttrs*>(nullptr));
    case Op::kEyeLike:
      return holds(static_cast<EyeLikeAttrs*>(nullptr));
    case Op::kGatherND:
      return holds(static_cast<BatchDimsAttrs*>(nullptr));
    case Op::kGelu:
      return holds(static_cast<GeluAttrs*>(nullptr));
    case Op::kGemm:
      return holds(static_cast<GemmAttrs*>(nullptr));
    case Op::kGlobalLpPool:
    case Op::kLpNormalization:
      return holds(static_cast<LpAttrs*>(nullptr));
    case Op::kGridSample:
      return holds(static_cast<GridSampleAttrs*>(nullptr));
    case Op::kGroupNormalization:
    case Op::kInstanceNormalization:
    case Op::kLayerNormalization:
    case Op::kRMSNormalization:
      return holds(static_cast<NormalizationAttrs*>(nullptr));
    case Op::kGRU:
    case Op::kLSTM:
    case Op::kRNN:
      return holds(static_cast<RecurrentAttrs*>(nullptr));
    case Op::kHardmax:
    case Op::kLogSoftmax:
    case Op::kSoftmax:
      return holds(static_cast<SoftmaxAttrs*>(nullptr));
    case Op::kHardSigmoid:
      return holds(static_cast<HardSigmoidAttrs*>(nullptr));
    case Op::kIsInf:
      return holds(static_cast<IsInfAttrs*>(nullptr));
    case Op::kLeakyRelu:
      return holds(static_cast<LeakyReluAttrs*>(nullptr));
    case Op::kLookup:
      return holds(static_cast<LookupAttrs*>(nullptr));
    case Op::kLpPool:
      return holds(static_cast<LpPoolAttrs*>(nullptr));
    case Op::kLRN:
      return holds(static_cast<LrnAttrs*>(nullptr));
    case Op::kMaxRoiPool:
      return holds(static_cast<MaxRoiPoolAttrs*>(nullptr));
    case Op::kMod:
      return holds(static_cast<ModAttrs*>(nullptr));
    case Op::kNonMaxSuppression:
      return holds(static_cast<NonMaxSuppressionAttrs*>(nullptr));
    case Op::kPad:
      return holds(static_cast<PadAttrs*>(nullptr));
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
      return holds(static_cast<ReduceAttrs*>(nullptr));
    case Op::kReshape:
      return holds(static_cast<ReshapeAttrs*>(nullptr));
    case Op::kResize:
      return holds(static_cast<ResizeAttrs*>(nullptr));
    case Op::kReverseSequence:
      return holds(static_cast<ReverseSequenceAttrs*>(nullptr));
    case Op::kRoiAlign:
      return holds(static_cast<RoiAlignAttrs*>(nullptr));
    case Op::kRotaryEmbedding:
      return holds(static_cast<RotaryEmbeddingAttrs*>(nullptr));
    case Op::kScatterElements:
      return holds(static_cast<ScatterElementsAttrs*>(nullptr));
    case Op::kScatterND:
      return holds(static_cast<ScatterNDAttrs*>(nullptr));
    case Op::kSelu:
      return holds(static_cast<SeluAttrs*>(nullptr));
    case Op::kShape:
      return holds(static_cast<ShapeAttrs*>(nullptr));
    case Op::kShrink:
      return holds(static_cast<ShrinkAttrs*>(nullptr));
    case Op::kSplit:
      return holds(static_cast<SplitAttrs*>(nullptr));
    case Op::kSTFT:
      return holds(static_cast<StftAttrs*>(nullptr));
    case Op::kSumInt8:
      return holds(static_cast<SumInt8Attrs*>(nullptr));
    case Op::kTfIdfVectorizer:
      return holds(static_cast<TfIdfVectorizerAttrs*>(nullptr));
    case Op::kTopK:
      return holds(static_cast<TopKAttrs*>(nullptr));
    case Op::kTranspose:
      return holds(static_cast<TransposeAttrs*>(nullptr));
    case Op::kTrilu:
      return holds(static_cast<TriluAttrs*>(nullptr));
    case Op::kUnique:
      return holds(static_cast<UniqueAttrs*>(nullptr));
    default:
      return holds(static_cast<std::monostate*>(nullptr));
  }
}

bool count_fits(std::size_t count, int low, int high) {
  return count >= static_cast<std::size_t>(low) && (high < 0 || count <= static_cast<std::size_t>(high));
}

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), defined_(graph.values.size(), false) {}

  Status run() {
    SAKER_TRY(define_roots());
    for (const Node& node : graph_.nodes) {
      if (auto status = check_node(node); !status.ok()) return status.error().with_context(describe(node));
    }
    for (const ValueId id : graph_.outputs) {
      if (!usable(id)) return broken(fmt::format("graph output {} is not defined", id));
    }
    return {};
  }

 private:
  static Error broken(std::string message) { return {ErrorCode::kInternal, "graph check: " + std::move(message)}; }
  bool in_range(ValueId id) const { return id >= 0 && static_cast<std::size_t>(id) < defined_.size(); }
  bool usable(ValueId id) const { return in_range(id) && defined_[static_cast<std::size_t>(id)]; }

  Status define(ValueId id) {
    if (!in_range(id)) return broken(fmt::format("value {} does not exist", id));
    if (defined_[static_cast<std::size_t>(id)])
      return broken(fmt::format("value '{}' is defined twice", graph_.value(id).name));
    defined_[static_cast<std::size_t>(id)] = true;
    return {};
  }

  Status define_roots() {
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      const Value& value = graph_.values[i];
      if (!value.constant) continue;
      if (value.constant->dtype() != value.dtype || !value.shape || *value.shape != value.constant->shape()) {
        return broken(fmt::format("constant '{}' is not what it claims", value.name));
      }
      defined_[i] = true;
    }
    if (graph_.inputs.size() != graph_.declared_inputs.size())
      return broken("inputs and their declarations differ in number");
    if (!graph_.declared_outputs.empty() && graph_.outputs.size() != graph_.declared_outputs.size())
      return broken("outputs and their declarations differ in number");
    for (const ValueId id : graph_.inputs) SAKER_TRY(define(id));
    return {};
  }

  Status check_node(const Node& node) {
    const OpDef& def = op_def(node.op);
    if (!attributes_fit(node)) return broken("attributes of another operator");
    if (!count_fits(node.inputs.size(), def.min_inputs, def.max_inputs))
      return broken(fmt::format("{} inputs", node.inputs.size()));
    if (!count_fits(node.outputs.size(), def.min_outputs, def.max_outputs))
      return broken(fmt::format("{} outputs", node.outputs.size()));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const bool optional = i >= static_cast<std::size_t>(def.min_inputs);
      if (node.inputs[i] == kNoValue && optional) continue;
      if (!usable(node.inputs[i])) return broken(fmt::format("input {} is used before it is defined", i));
    }
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) SAKER_TRY(define(id));
    }
    return {};
  }

  const Graph& graph_;
  std::vector<bool> defined_;
};

}  // namespace

Status verify(const Graph& graph) {
  return Verifier(graph).run();
}

}  // namespace saker
