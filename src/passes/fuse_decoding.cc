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
// Of all coefficients together: YOLOv5 at 640 has 100 thousand, at 4096 4 million.
constexpr std::int64_t kMostElements = 1 << 23;

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

// The nodes between a Split's output and a value that is computed of it and constants alone, the last one first.
struct Chain {
  ValueId x = kNoValue;
  std::vector<const Node*> nodes;
};

bool is_square(const Node& node) {
  return node.op == Op::kMul && node.inputs[0] == node.inputs[1];
}

// Which input of an Add, Sub or Mul with a constant is the other one; empty: the node is none of these.
std::optional<std::size_t> variable_of(const Graph& graph, const Node& node) {
  const bool commutes = node.op == Op::kMul || node.op == Op::kAdd;
  if (!commutes && node.op != Op::kSub) return std::nullopt;
  if (is_square(node) || is_constant(graph, node.inputs[1])) return 0;
  if (commutes && is_constant(graph, node.inputs[0])) return 1;
  return std::nullopt;
}

std::optional<Chain> chain_of(const Graph& graph, const Uses& uses, ValueId id) {
  constexpr std::size_t kLongest = 8;  // of real models: 3
  Chain chain;
  for (;;) {
    const std::int32_t index = uses.producer(id);
    if (index < 0 || chain.nodes.size() > kLongest) return std::nullopt;
    const Node& node = graph.nodes[static_cast<std::size_t>(index)];
    if (node.op == Op::kSplit) break;
    const auto variable = variable_of(graph, node);
    if (!variable || graph.value(node.outputs[0]).shape != graph.value(node.inputs[*variable]).shape)
      return std::nullopt;
    chain.nodes.push_back(&node);
    id = node.inputs[*variable];
  }
  chain.x = id;
  return chain;
}

// (c[2] x + c[1]) x + c[0]
struct Polynomial {
  std::array<Tensor, 3> c;
};

bool is_zero(const Tensor& t) {
  return std::all_of(t.data<float>(), t.data<float>() + t.elements(), [](float v) { return v == 0; });
}

// Only squares of multiples of x: those of sums would round differently, far more so where terms cancel.
Result<bool> square(Polynomial& p) {
  if (!is_zero(p.c[0]) || !is_zero(p.c[2])) return false;
  SAKER_ASSIGN(p.c[2], compute(Op::kMul, p.c[1], p.c[1]));
  SAKER_ASSIGN(p.c[1], scalar(0));
  return true;
}

// Empty: it is of a higher degree, or a square that is left alone.
Result<std::optional<Polynomial>> polynomial_of(const Graph& graph, const Chain& chain) {
  Polynomial p;
  SAKER_ASSIGN(p.c[0], scalar(0));
  SAKER_ASSIGN(p.c[1], scalar(1));
  SAKER_ASSIGN(p.c[2], scalar(0));
  for (std::size_t k = chain.nodes.size(); k-- > 0;) {
    const Node& node = *chain.nodes[k];
    if (is_square(node)) {
      SAKER_ASSIGN(const bool possible, square(p));
      if (!possible) return std::optional<Polynomial>();
      continue;
    }
    const Tensor& constant = *graph.value(node.inputs[1 - *variable_of(graph, node)]).constant;
    for (std::size_t i = 0; i < (node.op == Op::kMul ? 3U : 1U); ++i) {
      SAKER_ASSIGN(p.c[i], compute(node.op, p.c[i], constant));
    }
  }
  return std::optional(std::move(p));
}

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

struct Part {
  Shape shape;
  Polynomial polynomial;
};

// Coefficient i of all parts behind one another along the last axis.
Result<Tensor> coefficients(const std::vector<Part>& parts, std::size_t i) {
  std::vector<Tensor> stretched;
  for (const Part& part : parts) {
    SAKER_ASSIGN(Tensor zeros, Tensor::make(DType::kFloat32, part.shape));
    std::fill_n(zeros.data<float>(), zeros.elements(), 0.0F);
    SAKER_ASSIGN(stretched.emplace_back(), compute(Op::kAdd, part.polynomial.c[i], zeros));
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

// The Split whose outputs, in order, a Concat along the same axis puts together again, after arithmetic on the first
// ones: `chains`, without those of scores that stay as they are. Empty: it is something else.
struct Decoding {
  const Node* split = nullptr;
  std::vector<Chain> chains;
};

std::optional<Decoding> decoding_of(const Graph& graph, const Uses& uses, const Node& concat) {
  const Value& out = graph.value(concat.outputs[0]);
  if (!out.shape || out.shape->empty() || out.dtype != DType::kFloat32 ||
      !is_last_axis(concat.as<AxisAttrs>().axis, out.shape->size()))
    return std::nullopt;
  Decoding decoding;
  for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
    auto chain = chain_of(graph, uses, concat.inputs[i]);
    if (!chain) return std::nullopt;
    const Node& split = graph.nodes[static_cast<std::size_t>(uses.producer_of(chain->x, Op::kSplit))];
    if (split.outputs.size() != concat.inputs.size() || split.outputs[i] != chain->x) return std::nullopt;
    decoding.split = &split;
    decoding.chains.push_back(std::move(*chain));
  }
  if (!is_last_axis(decoding.split->as<SplitAttrs>().axis, out.shape->size())) return std::nullopt;
  while (!decoding.chains.empty() && decoding.chains.back().nodes.empty()) decoding.chains.pop_back();
  std::int64_t decoded = 0;
  for (const Chain& chain : decoding.chains) decoded += graph.value(chain.x).shape->back();
  if (decoding.chains.empty() || decoded > kMostDecoded) return std::nullopt;
  return decoding;
}

// The fused node; empty: the arithmetic is none of ours.
Result<std::optional<Node>> fused(Graph& graph, const Node& concat, const Decoding& decoding) {
  std::vector<Part> parts;
  for (const Chain& chain : decoding.chains) {
    SAKER_ASSIGN(auto polynomial, polynomial_of(graph, chain));
    if (!polynomial) return std::optional<Node>();
    parts.push_back({*graph.value(chain.x).shape, std::move(*polynomial)});
  }
  Node node{Op::kDecodeBoxes, concat.name, {decoding.split->inputs[0]}, concat.outputs, {}};
  for (const std::size_t i : {2U, 1U, 0U}) {
    SAKER_ASSIGN(Tensor all, coefficients(parts, i));
    node.inputs.push_back(graph.add_constant(concat.name + " coefficients", std::move(all)));
  }
  return std::optional(std::move(node));
}

}  // namespace

Status fuse_decoding(Graph& graph) {
  const Uses uses(graph);
  std::int64_t budget = kMostElements;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != Op::kConcat) continue;
    const auto decoding = decoding_of(graph, uses, graph.nodes[i]);
    if (!decoding) continue;
    for (const Chain& chain : decoding->chains) {
      const auto count = element_count(*graph.value(chain.x).shape);
      budget -= count.ok() ? std::min(*count, budget) : budget;
    }
    if (budget == 0) break;
    const Node concat = graph.nodes[i];
    SAKER_ASSIGN(auto node, fused(graph, concat, *decoding));
    if (node) graph.nodes[i] = std::move(*node);
  }
  return {};
}

}  // namespace saker
