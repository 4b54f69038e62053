#include "plan/layout.h"

#include <algorithm>

#include "graph/activation_of.h"

namespace saker {

bool is_reshape_like(Op op) {
  return op == Op::kReshape || op == Op::kFlatten || op == Op::kSqueeze || op == Op::kUnsqueeze || op == Op::kIdentity;
}

bool is_view(Op op) {
  return is_reshape_like(op) || op == Op::kTranspose || op == Op::kSlice || op == Op::kSplit || op == Op::kExpand;
}

std::vector<std::int64_t> permutation(const Node& node, std::size_t rank) {
  std::vector<std::int64_t> perm = node.as<TransposeAttrs>().perm;
  for (std::size_t i = perm.size(); i < rank; ++i) perm.push_back(static_cast<std::int64_t>(rank - 1 - i));
  return perm;
}

namespace {

std::vector<std::int64_t> inverse_permutation(const Node& node, std::size_t rank) {
  const std::vector<std::int64_t> perm = permutation(node, rank);
  std::vector<std::int64_t> inverse(rank);
  for (std::size_t i = 0; i < rank; ++i) inverse[static_cast<std::size_t>(perm[i])] = static_cast<std::int64_t>(i);
  return inverse;
}

// Element by element: the result may take the input's memory.
bool works_in_place(Op op) {
  return is_activation(op) || op == Op::kDecodeBoxes;
}

class OrderGuesser {
 public:
  OrderGuesser(const Graph& graph, std::vector<Layout>& layouts)
      : graph_(graph), layouts_(layouts), strides_(graph.values.size()) {
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
      if (graph.values[i].shape) set(static_cast<ValueId>(i), row_major(graph.values[i].shape->size()));
    }
  }

  void run() {
    for (const Node& node : graph_.nodes) {
      for (const ValueId out : node.outputs) {
        if (out == kNoValue || !shape_known(out)) continue;
        if (is_view(node.op)) {
          follow_view(node, out);
        } else {
          set(out, order_for(node, out));
        }
      }
    }
  }

 private:
  const Shape& shape(ValueId id) const { return *graph_.value(id).shape; }
  bool shape_known(ValueId id) const { return id != kNoValue && graph_.value(id).shape.has_value(); }
  Shape& strides(ValueId id) { return strides_[static_cast<std::size_t>(id)]; }

  void set(ValueId id, Order order) {
    strides(id) = strides_by_order(shape(id), order);
    layouts_[static_cast<std::size_t>(id)].order = std::move(order);
  }

  void follow_view(const Node& node, ValueId out) {
    const ValueId in = node.inputs[0];
    if (!shape_known(in)) return;
    if (node.op == Op::kTranspose) {
      const auto perm = permutation(node, shape(in).size());
      for (std::size_t i = 0; i < perm.size(); ++i) strides(out)[i] = strides(in)[static_cast<std::size_t>(perm[i])];
    } else if (is_reshape_like(node.op)) {
      if (auto found = reshaped_strides(shape(in), strides(in), shape(out))) {
        strides(out) = std::move(*found);
      } else {
        set(out, order_of_reshape_copy(in, out));
      }
    } else if (node.op == Op::kSlice || node.op == Op::kSplit) {
      strides(out) = strides(in);
    }
    layouts_[static_cast<std::size_t>(out)].order = order_of(shape(out), strides(out));
  }

  // A reshape that must copy can do so into any order that its input's shape can describe: pictures
  // keep their channels innermost (the channel shuffle of ShuffleNet and its like).
  Order order_of_reshape_copy(ValueId in, ValueId out) {
    const std::size_t rank = shape(out).size();
    const bool picture = rank == 4 && order_of(shape(in), strides(in)).back() + 1 != shape(in).size();
    const Order order = picture ? channels_last(rank) : row_major(rank);
    return reshaped_strides(shape(out), strides_by_order(shape(out), order), shape(in)) ? order : row_major(rank);
  }

  // The order of the largest input, for operators that keep their input's.
  Order follow(const Node& node, ValueId out) {
    ValueId best = kNoValue;
    std::int64_t size = 0;
    for (const ValueId id : node.inputs) {
      if (!shape_known(id) || graph_.value(id).constant || shape(id).size() != shape(out).size()) continue;
      const std::int64_t elements = element_count(shape(id)).value();
      if (elements <= size) continue;
      best = id;
      size = elements;
    }
    const std::size_t rank = shape(out).size();
    if (best == kNoValue) return row_major(rank);
    Order order = order_of(shape(best), strides(best));
    // Runs along the last axis stay runs in row-major order, which later reshapes can see through.
    return rank > 0 && order.back() == rank - 1 ? row_major(rank) : order;
  }

  // Of what the kernels for pictures take.
  static bool is_picture_type(DType dtype) { return dtype == DType::kFloat32 || dtype == DType::kUint8; }

  Order order_for(const Node& node, ValueId out) {
    if (is_activation(node.op)) return follow(node, out);
    switch (node.op) {
      case Op::kConv:
      case Op::kMaxPool:
      case Op::kAveragePool:
      case Op::kGlobalAveragePool:
      case Op::kResize:
      case Op::kConvInt8:
      case Op::kDynamicQuantizeLinear:
      case Op::kQuantizeLinear:
        return shape(out).size() == 4 && is_picture_type(graph_.value(out).dtype) ? channels_last(4)
                                                                                  : row_major(shape(out).size());
      case Op::kAdd:
      case Op::kSub:
      case Op::kMul:
      case Op::kDiv:
      case Op::kMin:
      case Op::kMax:
      case Op::kConcat:
      case Op::kDequantizeLinear:
      case Op::kLookup:
      case Op::kSumInt8:
        return follow(node, out);
      case Op::kSoftmax:
        return node.as<SoftmaxAttrs>().expectation.empty() ? follow(node, out) : row_major(shape(out).size());
      default:
        return row_major(shape(out).size());
    }
  }

  const Graph& graph_;
  std::vector<Layout>& layouts_;
  std::vector<Shape> strides_;
};

class Placer {
 public:
  Placer(const Graph& graph, Layouts& layouts)
      : graph_(graph),
        layouts_(layouts),
        producer_(producers(graph)),
        uses_(use_counts(graph)),
        is_result_(graph.values.size(), false) {
    for (ValueId id : graph.outputs) {
      for (const Node* node = producer(id); node != nullptr; id = node->inputs[0], node = producer(id)) {
        is_result_[static_cast<std::size_t>(id)] = true;
        if (!is_view(node->op)) break;
      }
    }
  }

  // Backwards: an outer Concat places an inner one before that places its inputs.
  void run() {
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const Node& node = graph_.nodes[i];
      if (node.op == Op::kConcat) place_inputs(node);
      if (works_in_place(node.op)) place_in_place(node);
    }
  }

 private:
  std::optional<ValuePlacement>& placement(ValueId id) { return layouts_.placements[static_cast<std::size_t>(id)]; }
  const Node* producer(ValueId id) const {
    const std::int32_t node = producer_[static_cast<std::size_t>(id)];
    return node < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(node)];
  }

  void place_inputs(const Node& concat) {
    const ValueId out = concat.outputs[0];
    if (!graph_.value(out).shape) return;
    for (const ValueId id : concat.inputs) {
      if (!graph_.value(id).shape) return;
    }
    const std::size_t axis = axis_index(concat.as<AxisAttrs>().axis, graph_.value(out).shape->size());
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < concat.inputs.size();) {
      const ValueId id = concat.inputs[i];
      const std::size_t run = split_run(concat, i, axis);
      if (run > 1) {
        place(producer(id)->inputs[0], {out, PlacedAs::kSlice, axis, offset});
      } else {
        place(id, {out, PlacedAs::kSlice, axis, offset});
      }
      for (std::size_t k = 0; k < std::max<std::size_t>(run, 1); ++k)
        offset += (*graph_.value(concat.inputs[i + k]).shape)[axis];
      i += std::max<std::size_t>(run, 1);
    }
  }

  // How many inputs from i on are all the outputs, in order, of one Split along the same axis.
  std::size_t split_run(const Node& concat, std::size_t i, std::size_t axis) const {
    const Node* split = producer(concat.inputs[i]);
    if (split == nullptr || split->op != Op::kSplit || i + split->outputs.size() > concat.inputs.size()) return 0;
    if (axis_index(split->as<SplitAttrs>().axis, graph_.value(concat.inputs[i]).shape->size()) != axis) return 0;
    return std::equal(split->outputs.begin(), split->outputs.end(),
                      concat.inputs.begin() + static_cast<std::ptrdiff_t>(i))
               ? split->outputs.size()
               : 0;
  }

  // Whether nothing reads the value, or what lies in it, but the node that reads the value.
  bool is_last_read(ValueId id, int depth = 0) const {
    if (uses_[static_cast<std::size_t>(id)] != 1 || depth >= kMaxDepth) return false;
    const Node* node = producer(id);
    if (node == nullptr) return true;
    const auto is_last = [&](ValueId input) { return is_last_read(input, depth + 1); };
    if (node->op == Op::kConcat) return std::ranges::all_of(node->inputs, is_last);
    if (is_reshape_like(node->op) || node->op == Op::kTranspose) return is_last(node->inputs[0]);
    return !is_view(node->op);
  }

  void place_in_place(const Node& node) {
    const ValueId in = node.inputs[0], out = node.outputs[0];
    const Value &from = graph_.value(in), &to = graph_.value(out);
    if (!from.shape || from.shape != to.shape || from.dtype != DType::kFloat32 || to.dtype != DType::kFloat32) return;
    if (lives_no_longer(out) && is_last_read(in)) place(in, {out, PlacedAs::kSame, 0, 0, {}, true});
  }

  // Whether what the value lies in costs nothing when it is needed a step earlier: the value alone, or a result.
  bool lives_no_longer(ValueId id) {
    bool alone = true;
    for (; placement(id); id = placement(id)->parent) alone = alone && placement(id)->as != PlacedAs::kSlice;
    return alone || is_result_[static_cast<std::size_t>(id)];
  }

  // And what the value is a view of.
  void place(ValueId id, ValuePlacement where) {
    for (const Node* node = producer(id); node != nullptr; node = producer(id)) {
      const bool reshape = is_reshape_like(node->op), transpose = node->op == Op::kTranspose;
      if (placement(id) || !graph_.value(id).shape || depth_of(where.parent) >= kMaxDepth) return;
      if (is_view(node->op) && !reshape && !transpose) return;
      if (transpose) where.only_in_order = true;
      placement(id) = where;
      const Node* source = producer(node->inputs[0]);
      if (!reshape && !transpose) return;
      if (source == nullptr || (is_view(source->op) && !where.only_in_order)) return;  // a copy must end in its place
      where = {id, PlacedAs::kReshaped, 0, 0, {}, where.only_in_order};
      if (transpose) {
        where.as = PlacedAs::kTransposed;
        where.perm = inverse_permutation(*node, graph_.value(id).shape->size());
      }
      id = node->inputs[0];
    }
  }

  // How many placements lead from a value to one with memory of its own.
  int depth_of(ValueId id) {
    int depth = 0;
    for (; depth < kMaxDepth && placement(id); ++depth) id = placement(id)->parent;
    return depth;
  }

  // Placements are followed by recursion: real models nest two or three, a hostile one thousands.
  static constexpr int kMaxDepth = 32;

  const Graph& graph_;
  Layouts& layouts_;
  std::vector<std::int32_t> producer_, uses_;
  std::vector<bool> is_result_;  // an output, or what one is a view of
};

}  // namespace

Layouts choose_layouts(const Graph& graph) {
  Layouts layouts;
  for (const Value& value : graph.values) layouts.layouts.push_back({{}, value.dtype});
  layouts.placements.resize(graph.values.size());
  OrderGuesser(graph, layouts.layouts).run();
  Placer(graph, layouts).run();
  return layouts;
}

}  // namespace saker
