// Reductions over one axis.
#include "plan/axis_nest.h"

namespace saker {

Result<bool> lower_reduce(Planner& planner, const Node& node) {
  const ReduceKernel& kernel = planner.kernels().reduce;
  const auto& attrs = node.as<ReduceAttrs>();
  const Value& x = planner.value(node.inputs[0]);
  const std::size_t rank = x.shape->size();
  if (x.dtype != DType::kFloat32) return planner.refuse(kernel.name, "it takes float32");
  if (node.inputs.size() < 2 || node.inputs[1] == kNoValue) return planner.refuse(kernel.name, "it takes one axis");
  const auto& axes = planner.value(node.inputs[1]).constant;
  if (!axes || axes->elements() != 1 || axes->dtype() != DType::kInt64)
    return planner.refuse(kernel.name, "it takes one constant axis");
  const std::size_t axis = axis_index(*axes->data<std::int64_t>(), rank);
  const std::int64_t n = (*x.shape)[axis];
  if (n == 0) return planner.refuse(kernel.name, "the axis is empty");
  PlanView src = planner.read(node.inputs[0]);
  if (src.strides[axis] != 1) src = planner.read(node.inputs[0], Need::kDense);
  if (src.strides[axis] != 1) return planner.refuse(kernel.name, "the axis is not consecutive in memory");
  const Output dst = planner.write(node.outputs[0]);
  PlanView kept = dst.view;  // with the reduced axis
  if (!attrs.keepdims) {
    kept.shape.insert(kept.shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    kept.strides.insert(kept.strides.begin() + static_cast<std::ptrdiff_t>(axis), 0);
  }
  const LoopNest nest = outer_nest(kept, src, axis, kNoAxis);
  const ReduceKind kind = node.op == Op::kReduceMax ? ReduceKind::kMax : ReduceKind::kSum;
  const float scale = node.op == Op::kReduceMean ? 1.0F / static_cast<float>(n) : 1.0F;
  const std::int64_t jobs = job_count(nest.elements(), planner.threads());
  const auto row = kernel.row;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    for_each_row(context.pool(), nest, jobs, [&](std::int64_t out, std::int64_t in) {
      context.at<float>(to)[out] = row(kind, n, context.at<float>(src) + in) * scale;
    });
    return {};
  });
  return true;
}

}  // namespace saker
