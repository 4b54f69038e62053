// Operators that only rearrange: views where strides can say it, copies where they cannot.
#include "base/try.h"
#include "graph/ops/slice.h"
#include "plan/planner.h"

namespace saker {
namespace {

// The input's memory under the output's shape. Where no strides describe that, one copy: into the
// order chosen for the output if that order can be written under the input's shape, else row-major.
void lower_reshape(Planner& planner, const Node& node) {
  const ValueId out = node.outputs[0];
  const Shape& to = *planner.value(out).shape;
  const PlanView in = planner.read(node.inputs[0]);
  if (const auto view = reshaped(in, to)) return planner.alias(node, out, *view);
  const PlanView home = planner.write(out).view;
  if (const auto under = reshaped(home, in.shape)) {
    planner.emit_copy(node.name, "that a reshape needs", in, *under);
  } else {
    planner.alias(node, out, *reshaped(planner.read(node.inputs[0], Need::kDense), to));
  }
}

Result<bool> lower_slice(Planner& planner, const Node& node) {
  SAKER_ASSIGN(const auto plan, ops::plan_slice(ops::Args(planner.graph(), node)));
  if (!plan) return planner.refuse("view", "bounds are not constant");
  PlanView view = planner.read(node.inputs[0]);
  for (std::size_t axis = 0; axis < plan->shape.size(); ++axis) {
    if (plan->step[axis] < 0) return planner.refuse("view", "it walks backwards");
    view = sliced(view, axis, plan->start[axis], plan->shape[axis], plan->shape[axis] > 1 ? plan->step[axis] : 1);
  }
  planner.alias(node, node.outputs[0], view);
  return true;
}

void lower_split(Planner& planner, const Node& node) {
  const PlanView in = planner.read(node.inputs[0]);
  const std::size_t axis = axis_index(node.as<SplitAttrs>().axis, in.shape.size());
  std::int64_t start = 0;
  for (const ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    const std::int64_t extent = (*planner.value(id).shape)[axis];
    planner.alias(node, id, sliced(in, axis, start, extent));
    start += extent;
  }
}

}  // namespace

Result<bool> lower_view(Planner& planner, const Node& node) {
  if (node.op == Op::kSlice) return lower_slice(planner, node);
  if (node.op == Op::kSplit) {
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) return planner.refuse("view", "an output is not wanted");
    }
    lower_split(planner, node);
    return true;
  }
  const ValueId out = node.outputs[0];
  if (is_reshape_like(node.op)) {
    lower_reshape(planner, node);
    return true;
  }
  const PlanView in = planner.read(node.inputs[0]);
  if (node.op == Op::kTranspose) {
    planner.alias(node, out, permuted(in, permutation(node, in.shape.size())));
  } else {
    planner.alias(node, out, broadcast_to(in, *planner.value(out).shape));  // Expand
  }
  return true;
}

Result<bool> lower_concat(Planner& planner, const Node& node) {
  const Output out = planner.write(node.outputs[0]);
  const std::size_t axis = axis_index(node.as<AxisAttrs>().axis, out.view.shape.size());
  std::int64_t offset = 0;
  for (const ValueId id : node.inputs) {
    const PlanView in = planner.read(id);
    const PlanView place = sliced(out.view, axis, offset, in.shape[axis]);
    offset += in.shape[axis];
    if (!same_place(in, place)) planner.emit_copy(node.name, "into the concatenation", in, place);
  }
  return true;
}

}  // namespace saker
