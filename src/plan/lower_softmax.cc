// Softmax over one axis.
#include <algorithm>

#include "base/try.h"
#include "plan/axis_nest.h"

namespace saker {
namespace {

// An axis other than `axis` along which both views are consecutive.
std::size_t consecutive_axis(const PlanView& a, const PlanView& b, std::size_t axis) {
  for (std::size_t i = 0; i < a.shape.size(); ++i) {
    if (i != axis && a.shape[i] > 1 && a.strides[i] == 1 && b.strides[i] == 1) return i;
  }
  return kNoAxis;
}

Result<bool> lower_expectation(Planner& planner, const Node& node, const PlanView& src, std::size_t axis) {
  const SoftmaxKernel& kernel = planner.kernels().softmax;
  const auto& expectation = node.as<SoftmaxAttrs>().expectation;
  const PlanView rows = src.strides[axis] == 1 ? src : planner.read(node.inputs[0], Need::kChannelsInnermost);
  if (rows.strides[axis] != 1) return planner.refuse(kernel.name, "the axis is not consecutive in memory");
  const std::int64_t n = src.shape[axis];
  SAKER_ASSIGN(const auto weights, planner.weights(n, [&](float* to) { std::ranges::copy(expectation, to); }));
  const PlanView to = planner.write(node.outputs[0]).view;
  // Rows whose results are neighbours, in blocks, so that one long axis still feeds several threads.
  constexpr std::int64_t kBlock = 256;
  LoopNest nest = outer_nest(to, rows, axis, kNoAxis);
  const int last = std::max(nest.rank - 1, 0);
  const std::int64_t count = nest.rank == 0 ? 1 : nest.extents[last];
  const std::int64_t dst_step = nest.strides[0][last], src_step = nest.strides[1][last];
  const std::int64_t blocks = (count + kBlock - 1) / kBlock;
  if (nest.rank > 0) {
    nest.extents[last] = blocks;
    nest.strides[0][last] *= kBlock;
    nest.strides[1][last] *= kBlock;
  }
  const std::int64_t total = nest.elements();
  const std::int64_t jobs = job_count(total, planner.threads());
  const auto run = kernel.expectations;
  planner.emit(node, kernel.name, {rows, to}, [=](RunContext& context) -> Status {
    const float* from = context.at<float>(rows);
    float* out = context.at<float>(to);
    context.pool().run(jobs, [&](std::int64_t job, int) {
      for (std::int64_t i = job * total / jobs; i < (job + 1) * total / jobs; ++i) {
        std::int64_t at[LoopNest::kMaxOperands];
        nest.offsets_at(i, nest.rank, at);
        run(n, std::min(kBlock, count - i % blocks * kBlock), weights.get(), from + at[1], src_step, out + at[0],
            dst_step);
      }
    });
    return {};
  });
  return true;
}

}  // namespace

Result<bool> lower_softmax(Planner& planner, const Node& node) {
  const SoftmaxKernel& kernel = planner.kernels().softmax;
  const auto& attrs = node.as<SoftmaxAttrs>();
  const PlanView src = planner.read(node.inputs[0]);
  const std::size_t rank = src.shape.size();
  if (src.dtype != DType::kFloat32) return planner.refuse(kernel.name, "it takes float32");
  if (rank == 0) return planner.refuse(kernel.name, "it takes at least one axis");
  const std::size_t axis = axis_index(attrs.axis, rank);
  if (attrs.flatten_trailing && axis + 1 != rank)
    return planner.refuse(kernel.name, "it takes one axis, opset < 13 asks for all from the axis on");
  if (!attrs.expectation.empty()) {
    if (axis != 1 || rank != 4) return planner.refuse(kernel.name, "expectations are over the channels of pictures");
    return lower_expectation(planner, node, src, axis);
  }
  const Output dst = planner.write(node.outputs[0]);
  const PlanView to = dst.view;
  const std::int64_t n = src.shape[axis];
  if (src.strides[axis] == 1 && to.strides[axis] == 1) {
    const LoopNest nest = outer_nest(to, src, axis, kNoAxis);
    const std::int64_t jobs = job_count(nest.elements(), planner.threads());
    const auto row = kernel.row;
    planner.emit(node, kernel.name, {src, to}, [=](RunContext& context) -> Status {
      for_each_row(context.pool(), nest, jobs, [&](std::int64_t out, std::int64_t in) {
        row(n, context.at<float>(src) + in, context.at<float>(to) + out);
      });
      return {};
    });
    return true;
  }
  const std::size_t lanes = consecutive_axis(to, src, axis);
  if (lanes == kNoAxis) return planner.refuse(kernel.name, "no axis is consecutive in memory");
  // Columns in blocks, so that one long axis still feeds several threads and stays in L1.
  constexpr std::int64_t kBlock = 256;
  const std::int64_t columns = src.shape[lanes];
  const std::int64_t blocks = (columns + kBlock - 1) / kBlock;
  LoopNest nest = outer_nest(to, src, axis, lanes);
  if (nest.rank == LoopNest::kMaxRank) return planner.refuse(kernel.name, "too many axes");
  nest.extents[nest.rank] = blocks;
  nest.strides[0][nest.rank] = nest.strides[1][nest.rank] = kBlock;
  ++nest.rank;
  const auto run = kernel.columns;
  const std::int64_t src_step = src.strides[axis];
  const std::int64_t dst_step = to.strides[axis];
  planner.emit(node, kernel.name, {src, to}, [=](RunContext& context) -> Status {
    const std::int64_t total = nest.elements();
    context.pool().run(total, [&](std::int64_t i, int) {
      std::int64_t offsets[LoopNest::kMaxOperands];
      nest.offsets_at(i, nest.rank, offsets);
      const std::int64_t first = i % blocks * kBlock;
      run(n, std::min(kBlock, columns - first), context.at<float>(src) + offsets[1], src_step,
          context.at<float>(to) + offsets[0], dst_step);
    });
    return {};
  });
  return true;
}

}  // namespace saker
