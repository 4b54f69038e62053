#include "plan/store_bf16.h"

#include <algorithm>
#include <numeric>

#include "plan/conv_method.h"
#include "plan/picture_rows.h"

namespace saker {
namespace {

// What a node takes.
struct Role {
  bool reads = false, writes = false;
  bool joins_input = false;  // input 0 and the outputs are stored alike
};

class Bf16Values {
 public:
  Bf16Values(const Graph& graph, const PlanOptions& options, const Layouts& layouts)
      : graph_(graph),
        options_(options),
        in_slot_(graph.values.size(), false),
        groups_(graph.values.size()),
        stays_float_(graph.values.size(), true) {
    std::iota(groups_.begin(), groups_.end(), ValueId{0});
    for (const Node& node : graph.nodes) {
      roles_.push_back(goes_to_slots(node) ? Role{} : role_of(node));
      if (!roles_.back().writes) continue;
      for (const ValueId id : node.outputs) allow(id, layouts);
    }
  }

  // Whether the value's storage is bfloat16, by value.
  std::vector<bool> find() {
    for (const ValueId id : graph_.outputs) forbid(id);
    const std::vector<std::int32_t> uses = use_counts(graph_);
    for (std::size_t i = 0; i < uses.size(); ++i) stays_float_[i] = stays_float_[i] || uses[i] == 0;
    for (std::size_t i = 0; i < roles_.size(); ++i) visit(graph_.nodes[i], roles_[i]);
    std::vector<bool> of_group(groups_.size(), true), result(groups_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (stays_float_[i]) of_group[static_cast<std::size_t>(group(static_cast<ValueId>(i)))] = false;
    }
    for (std::size_t i = 0; i < groups_.size(); ++i)
      result[i] = of_group[static_cast<std::size_t>(group(static_cast<ValueId>(i)))];
    return result;
  }

 private:
  // As the planner finds out (Planner::is_dynamic): what is made of values of unknown shapes is not planned either.
  bool goes_to_slots(const Node& node) {
    const auto is_dynamic = [&](ValueId id) {
      return id != kNoValue && (in_slot_[static_cast<std::size_t>(id)] || !graph_.value(id).shape);
    };
    if (std::ranges::none_of(node.inputs, is_dynamic) && std::ranges::none_of(node.outputs, is_dynamic)) return false;
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) in_slot_[static_cast<std::size_t>(id)] = true;
    }
    return true;
  }

  Role role_of_conv(const Node& node) const {
    ConvNode conv;
    const auto reason = describe_conv(graph_, node, conv);
    if (!reason.ok() || !reason->empty()) return {};
    const ConvMethod* method = choose_conv_method(options_, conv);
    if (method == nullptr) return {};
    switch (method->bf16_storage) {
      case Bf16Storage::kNone:
        return {};
      case Bf16Storage::kResults:
        return {.reads = false, .writes = conv.groups == 1};
      case Bf16Storage::kBoth:
        return {.reads = true, .writes = true};
      case Bf16Storage::kBothOnly:
        return {.reads = true, .writes = true, .joins_input = true};
    }
    return {};
  }

  Role role_of(const Node& node) const {
    constexpr Role kMoves{.reads = true, .writes = true, .joins_input = true};
    switch (node.op) {
      case Op::kConv:
        return role_of_conv(node);
      case Op::kMaxPool:
        return refusal_of_picture(graph_, node, false).empty() ? kMoves : Role{};
      case Op::kResize:
        return resizes_to_nearest(graph_, node) ? kMoves : Role{};
      case Op::kConcat:
        return kMoves;
      case Op::kSplit:
        return std::ranges::find(node.outputs, kNoValue) == node.outputs.end() ? kMoves : Role{};
      default:
        return {};
    }
  }

  // Pictures with channels innermost, in pairs: those that kernels see as floats.
  void allow(ValueId id, const Layouts& layouts) {
    if (id == kNoValue) return;
    const Value& value = graph_.value(id);
    const auto i = static_cast<std::size_t>(id);
    stays_float_[i] = value.dtype != DType::kFloat32 || !value.shape || value.shape->size() != 4 ||
                      (*value.shape)[1] % 2 != 0 || layouts.layouts[i].order != channels_last(4);
  }
  void forbid(ValueId id) { stays_float_[static_cast<std::size_t>(id)] = true; }

  void visit(const Node& node, const Role& role) {
    const bool all_inputs = node.op == Op::kConcat, adds = node.op == Op::kConv && role.writes;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue) continue;
      const bool is_addend = adds && i >= 3;
      if (i > 0 && !all_inputs && !is_addend) {
        forbid(id);
      } else if (is_addend || role.joins_input) {
        join(id, node.outputs[0]);
      } else if (!role.reads) {
        forbid(id);
      }
    }
    for (std::size_t k = 1; role.joins_input && k < node.outputs.size(); ++k) join(node.outputs[0], node.outputs[k]);
  }

  ValueId& towards(ValueId id) { return groups_[static_cast<std::size_t>(id)]; }
  ValueId group(ValueId id) {
    for (; towards(id) != id; id = towards(id)) towards(id) = towards(towards(id));
    return id;
  }
  void join(ValueId a, ValueId b) {
    if (a == kNoValue || b == kNoValue) return;
    towards(group(a)) = group(b);
  }

  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<Role> roles_;  // by node
  std::vector<bool> in_slot_;
  std::vector<ValueId> groups_;  // union-find: towards the group's own value
  std::vector<bool> stays_float_;
};

}  // namespace

void store_in_bf16(const Graph& graph, const PlanOptions& options, Layouts& layouts) {
  const std::vector<bool> is_bf16 = Bf16Values(graph, options, layouts).find();
  for (std::size_t i = 0; i < is_bf16.size(); ++i) {
    if (is_bf16[i]) layouts.layouts[i].storage = DType::kBFloat16;
  }
}

}  // namespace saker
