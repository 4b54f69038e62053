// YOLOv5's outputs: a Split along the last axis into coordinates, sizes and scores, arithmetic with constants on the
// first two, and a Concat. Each value becomes a polynomial of itself, (a x + b) x + c, so that one step reads and
// writes all of them once (DecodeBoxes, graph/ops.h).
#include <algorithm>
#include <array>
#include <optional>

#include "base/try.h"
#include "graph/op_def.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

constexpr std::int64_t kMostDecoded = 16;  // of the values along the axis; boxes are 4

bool is_constant(const Graph& graph, ValueId id) {
  return graph.value(id).constant && graph.value(id).dtype == DType::kFloat32;
}

Result<Tensor> scalar(float value) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, {}));
  *tensor.data<float>() = value;
  return tensor;
}

Result<Tensor> compute(Op op, const Tensor& a, const Tensor& b) {
  const std::array<const Tensor*, 2> inputs = {&a, &b};
  SAKER_ASSIGN(std::vector<Tensor> outputs, evaluate(Node{op, "", {0, 0}, {0}, {}}, inputs));
  return std::move(outputs[0]);
}

// A value as a polynomial of a Split's output: (c[2] x + c[1]) x + c[0].
struct Polynomial {
  ValueId x = kNoValue;
  std::array<Tensor, 3> c;
  int degree = 1;

  bool is_identity() const { return c[1].elements() == 1 && *c[1].data<float>() == 1 && degree == 1 && is_zero(c[0]); }
  static bool is_zero(const Tensor& t) {
    return std::all_of(t.data<float>(), t.data<float>() + t.elements(), [](float v) { return v == 0; });
  }
};

class Tracer {
 public:
  Tracer(const Graph& graph, const Uses& uses) : graph_(graph), uses_(uses) {}

  // Empty: it is none.
  Result<std::optional<Polynomial>> trace(ValueId id, int depth = 0) const {
    constexpr int kDeepest = 8;  // of real models: 3
    const std::int32_t index = uses_.producer(id);
    if (index < 0 || depth > kDeepest || !is_moderate(id)) return std::optional<Polynomial>();
    const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    if (node.op == Op::kSplit) {
      Polynomial own;
      own.x = id;
      SAKER_ASSIGN(own.c[0], scalar(0));
      SAKER_ASSIGN(own.c[1], scalar(1));
      SAKER_ASSIGN(own.c[2], scalar(0));
      return std::optional(std::move(own));
    }
    if (node.op == Op::kMul && node.inputs[0] == node.inputs[1]) return square(node.inputs[0], depth);
    const bool constant_first = node.inputs.size() == 2 && is_constant(graph_, node.inputs[0]);
    if (node.op == Op::kSub && constant_first) return std::optional<Polynomial>();
    if (node.op != Op::kMul && node.op != Op::kAdd && node.op != Op::kSub) return std::optional<Polynomial>();
    const ValueId other = node.inputs[constant_first ? 0 : 1];
    if (!is_constant(graph_, other)) return std::optional<Polynomial>();
    SAKER_ASSIGN(auto own, trace(node.inputs[constant_first ? 1 : 0], depth + 1));
    if (!own) return own;
    for (std::size_t i = 0; i < (node.op == Op::kMul ? 3U : 1U); ++i) {
      SAKER_ASSIGN(own->c[i], compute(node.op, own->c[i], *graph_.value(other).constant));
    }
    return own;
  }

 private:
  // The coefficients can be as large as the value.
  bool is_moderate(ValueId id) const {
    constexpr std::int64_t kMostElements = 1 << 24;
    const auto& shape = graph_.value(id).shape;
    const auto count = element_count(shape.value_or(Shape{}));
    return shape && count.ok() && *count <= kMostElements;
  }

  Result<std::optional<Polynomial>> square(ValueId id, int depth) const {
    SAKER_ASSIGN(auto own, trace(id, depth + 1));
    if (!own || own->degree > 1) return std::optional<Polynomial>();
    SAKER_ASSIGN(const Tensor both, compute(Op::kMul, own->c[1], own->c[0]));
    SAKER_ASSIGN(own->c[2], compute(Op::kMul, own->c[1], own->c[1]));
    SAKER_ASSIGN(own->c[0], compute(Op::kMul, own->c[0], own->c[0]));
    SAKER_ASSIGN(own->c[1], compute(Op::kAdd, both, both));
    own->degree = 2;
    return own;
  }

  const Graph& graph_;
  const Uses& uses_;
};

// Axes along which all values are equal shrink to one; not the last, along which the values are counted.
Result<Tensor> without_repetition(Tensor tensor) {
  for (std::size_t axis = 0; axis + 1 < tensor.shape().size(); ++axis) {
    const Shape& shape = tensor.shape();
    std::int64_t inner = 1;
    for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
    const std::int64_t extent = shape[axis], outer = tensor.elements() / std::max<std::int64_t>(inner * extent, 1);
    const float* values = tensor.data<float>();
    const auto at = [&](std::int64_t o, std::int64_t e) { return values + (o * extent + e) * inner; };
    bool same = extent > 1;
    for (std::int64_t o = 0; same && o < outer; ++o) {
      for (std::int64_t e = 1; same && e < extent; ++e) same = std::equal(at(o, 0), at(o, 0) + inner, at(o, e));
    }
    if (!same) continue;
    Shape smaller = shape;
    smaller[axis] = 1;
    SAKER_ASSIGN(Tensor one, Tensor::make(DType::kFloat32, smaller));
    for (std::int64_t o = 0; o < outer; ++o) std::copy_n(at(o, 0), inner, one.data<float>() + o * inner);
    tensor = std::move(one);
  }
  return tensor;
}

// Coefficient i of all parts behind one another along the last axis.
Result<Tensor> coefficients(const Graph& graph, const std::vector<Polynomial>& parts, std::size_t i) {
  std::vector<Tensor> stretched;
  for (const Polynomial& part : parts) {
    SAKER_ASSIGN(Tensor zeros, Tensor::make(DType::kFloat32, *graph.value(part.x).shape));
    std::fill_n(zeros.data<float>(), zeros.elements(), 0.0F);
    SAKER_ASSIGN(stretched.emplace_back(), compute(Op::kAdd, part.c[i], zeros));
  }
  std::vector<const Tensor*> inputs;
  for (const Tensor& tensor : stretched) inputs.push_back(&tensor);
  Node concat{Op::kConcat, "", std::vector<ValueId>(inputs.size(), 0), {0}, AxisAttrs{-1}};
  SAKER_ASSIGN(std::vector<Tensor> outputs, evaluate(concat, inputs));
  return without_repetition(std::move(outputs[0]));
}

bool is_last_axis(std::int64_t axis, std::size_t rank) {
  return axis == -1 || axis + 1 == static_cast<std::int64_t>(rank);
}

// The Split whose outputs, in order, the parts are polynomials of; null: there is none.
const Node* common_split(const Graph& graph, const Uses& uses, const std::vector<Polynomial>& parts) {
  const std::int32_t index = uses.producer_of(parts[0].x, Op::kSplit);
  const Node& split = graph.nodes[static_cast<std::size_t>(index)];
  const auto& shape = graph.value(split.inputs[0]).shape;
  if (!shape || split.outputs.size() != parts.size() || !is_last_axis(split.as<SplitAttrs>().axis, shape->size()))
    return nullptr;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].x != split.outputs[i]) return nullptr;
  }
  return &split;
}

Result<std::optional<Node>> decoding_of(Graph& graph, const Uses& uses, const Node& concat) {
  const auto& shape = graph.value(concat.outputs[0]).shape;
  if (!shape || shape->empty() || graph.value(concat.outputs[0]).dtype != DType::kFloat32 ||
      !is_last_axis(concat.as<AxisAttrs>().axis, shape->size()))
    return std::optional<Node>();
  std::vector<Polynomial> parts;
  for (const ValueId id : concat.inputs) {
    SAKER_ASSIGN(auto part, Tracer(graph, uses).trace(id));
    if (!part || graph.value(id).shape != graph.value(part->x).shape) return std::optional<Node>();
    parts.push_back(std::move(*part));
  }
  const Node* split = common_split(graph, uses, parts);
  if (split == nullptr) return std::optional<Node>();
  const ValueId x = split->inputs[0];
  while (!parts.empty() && parts.back().is_identity()) parts.pop_back();
  std::int64_t decoded = 0;
  for (const Polynomial& part : parts) decoded += graph.value(part.x).shape->back();
  if (parts.empty() || decoded > kMostDecoded) return std::optional<Node>();
  Node fused{Op::kDecodeBoxes, concat.name, {x}, concat.outputs, {}};
  for (const std::size_t i : {2U, 1U, 0U}) {
    SAKER_ASSIGN(Tensor all, coefficients(graph, parts, i));
    fused.inputs.push_back(graph.add_constant(concat.name + " coefficients", std::move(all)));
  }
  return std::optional(std::move(fused));
}

}  // namespace

Status fuse_decoding(Graph& graph) {
  const Uses uses(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != Op::kConcat) continue;
    SAKER_ASSIGN(auto fused, decoding_of(graph, uses, graph.nodes[i]));
    if (fused) graph.nodes[i] = std::move(*fused);
  }
  return {};
}

}  // namespace saker
