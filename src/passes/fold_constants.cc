// Shape inference and constant folding in one forward sweep: shapes often hang on constants that
// were themselves shapes a few nodes earlier (Shape -> Gather -> Concat -> Reshape).
#include <algorithm>
#include <cstdint>

#include "base/try.h"
#include "graph/op_def.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// Bounds on what a hostile file can make us compute here; larger results are left to run time,
// where the plan states what it needs. Anchor grids of a 1280-pixel model are below 1 MB. Besides, weights may become
// others a few times: float16 is widened, normalization goes into them.
constexpr std::size_t kMaxFoldedValue = std::size_t{32} << 20;
constexpr std::size_t kMaxFoldedTotal = std::size_t{128} << 20;
constexpr std::size_t kMaxReadTotal = std::size_t{512} << 20;  // one large constant may be read by many nodes
constexpr std::size_t kTimesOwn = 4;                           // of the bytes that the graph holds

// Memory of the constants, counted once where several look at it.
std::size_t held_bytes(const Graph& graph) {
  std::vector<std::pair<std::uintptr_t, std::uintptr_t>> places;
  for (const Value& value : graph.values) {
    if (!value.constant) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(value.constant->raw());
    places.emplace_back(begin, begin + value.constant->bytes());
  }
  std::ranges::sort(places);
  std::size_t sum = 0;
  std::uintptr_t counted = 0;
  for (const auto& [begin, end] : places) {
    if (end <= counted) continue;
    sum += end - std::max(begin, counted);
    counted = end;
  }
  return sum;
}

// 8-bit weights stay what they are until lower_qdq has looked at them.
bool is_quantized_weight(const Graph& graph, const Node& node) {
  return node.op == Op::kDequantizeLinear && graph.value(node.inputs[0]).dtype != DType::kInt32;
}

// Operators whose work is not bounded by the size of their inputs and outputs.
bool is_heavy(Op op) {
  switch (op) {
    case Op::kAttention:
    case Op::kAveragePool:
    case Op::kConv:
    case Op::kConvTranspose:
    case Op::kDeformConv:
    case Op::kDet:
    case Op::kDFT:
    case Op::kEinsum:
    case Op::kGemm:
    case Op::kGRU:
    case Op::kLpPool:
    case Op::kLRN:
    case Op::kLSTM:
    case Op::kMatMul:
    case Op::kMaxPool:
    case Op::kMaxRoiPool:
    case Op::kNonMaxSuppression:
    case Op::kResize:
    case Op::kRNN:
    case Op::kRoiAlign:
    case Op::kSTFT:
    case Op::kTfIdfVectorizer:
      return true;
    default:
      return false;
  }
}

class Folder {
 public:
  Folder(Graph& graph, bool keep_quantized)
      : graph_(graph), keep_quantized_(keep_quantized), own_(kTimesOwn * held_bytes(graph)) {}

  Status run() {
    std::vector<bool> dead(graph_.nodes.size(), false);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      Node& node = graph_.nodes[i];
      SAKER_TRY(infer_node(graph_, node));
      fix_type(node);
      if (!foldable(node)) continue;
      SAKER_TRY(fold(node));
      dead[i] = true;
    }
    erase_nodes(graph_, dead);
    return {};
  }

 private:
  // Types are known by now: CastLike is a Cast, which a constant does not keep from being folded.
  void fix_type(Node& node) const {
    if (node.op != Op::kCastLike) return;
    node.attrs = CastAttrs{graph_.value(node.inputs[1]).dtype};
    node.op = Op::kCast;
    node.inputs.resize(1);
  }

  bool foldable(const Node& node) const {
    if (is_heavy(node.op) || (keep_quantized_ && is_quantized_weight(graph_, node))) return false;
    if (node.op == Op::kShape) return graph_.value(node.inputs[0]).shape.has_value();
    std::size_t read = 0;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (!graph_.value(id).constant) return false;
      read += graph_.value(id).constant->bytes();
    }
    if (read_ + read > kMaxReadTotal + own_) return false;
    std::size_t bytes = 0;
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      const Value& value = graph_.value(id);
      if (!value.shape) return false;
      bytes += static_cast<std::size_t>(*element_count(*value.shape)) * dtype_size(value.dtype);
    }
    return bytes <= kMaxFoldedValue && folded_ + bytes <= kMaxFoldedTotal + own_;
  }

  Status fold(const Node& node) {
    std::vector<Tensor> stand_ins(node.inputs.size());
    std::vector<const Tensor*> inputs(node.inputs.size(), nullptr);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      const Value& value = graph_.value(node.inputs[i]);
      // Shape looks at the shape alone: its input needs no data.
      if (!value.constant) stand_ins[i] = Tensor::wrap(value.dtype, *value.shape, nullptr, nullptr);
      inputs[i] = value.constant ? &*value.constant : &stand_ins[i];
      if (value.constant) read_ += value.constant->bytes();
    }
    SAKER_ASSIGN(std::vector<Tensor> outputs, evaluate(node, inputs));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      Value& value = graph_.value(node.outputs[i]);
      folded_ += outputs[i].bytes();
      value.dtype = outputs[i].dtype();
      value.shape = outputs[i].shape();
      value.constant = std::move(outputs[i]);
    }
    return {};
  }

  Graph& graph_;
  bool keep_quantized_;
  std::size_t own_;                    // what weights may add to the bounds
  std::size_t folded_ = 0, read_ = 0;  // bytes
};

}  // namespace

Status infer_and_fold(Graph& graph) {
  return Folder(graph, true).run();
}

Status fold_dequantized(Graph& graph) {
  return Folder(graph, false).run();
}

}  // namespace saker
