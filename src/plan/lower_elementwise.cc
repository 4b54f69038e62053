// Activations and binary arithmetic on float32, over whatever strides their operands have.
#include <fmt/format.h>

#include <algorithm>

#include "graph/activation_of.h"
#include "plan/planner.h"

namespace saker {
namespace {

constexpr std::int64_t kMinJob = 8192;  // elements worth handing to another thread

// The innermost runs of a nest, cut into jobs.
struct Runs {
  LoopNest nest;
  int outer_axes = 0;
  std::int64_t inner = 1, cuts = 1, total = 1, jobs = 1;  // elements of a run, its parts; parts of all, jobs

  Runs(const LoopNest& loops, int threads) : nest(loops), outer_axes(std::max(loops.rank - 1, 0)) {
    const std::int64_t most_jobs = 4 * threads;
    inner = nest.rank == 0 ? 1 : nest.extents[nest.rank - 1];
    const std::int64_t outer = nest.elements() / inner;
    // A long run is cut too, when there are too few of them.
    cuts = outer >= most_jobs ? 1 : std::clamp<std::int64_t>(inner / kMinJob, 1, most_jobs);
    total = outer * cuts;
    jobs = std::clamp<std::int64_t>(nest.elements() / kMinJob, 1, std::min(total, most_jobs));
  }
};

// Calls run(count, offsets) for each run or part of one, in parallel.
template <typename Run>
void for_each_run(ThreadPool& pool, const Runs& runs, Run&& run) {
  const LoopNest& nest = runs.nest;
  pool.run(runs.jobs, [&](std::int64_t job, int) {
    const std::int64_t begin = job * runs.total / runs.jobs, end = (job + 1) * runs.total / runs.jobs;
    if (runs.cuts == 1) {
      nest.for_range(begin, end, runs.outer_axes, [&](const std::int64_t* offsets) { run(runs.inner, offsets); });
      return;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      std::int64_t offsets[LoopNest::kMaxOperands];
      nest.offsets_at(i / runs.cuts, runs.outer_axes, offsets);
      const std::int64_t first = i % runs.cuts * runs.inner / runs.cuts;
      const std::int64_t last = (i % runs.cuts + 1) * runs.inner / runs.cuts;
      for (int k = 0; nest.rank > 0 && k < nest.operands; ++k) offsets[k] += first * nest.strides[k][nest.rank - 1];
      run(last - first, offsets);
    }
  });
}

// Vectors and a call for each run do not pay for runs such as the two coordinates of YOLOv5's boxes (80x80 cells: 0.40
// ms for one multiplication, 0.05 so; Emerald Rapids).
constexpr std::int64_t kShortRun = 8;

bool has_short_runs(const LoopNest& nest) {
  return nest.rank >= 2 && nest.extents[nest.rank - 1] < kShortRun;
}

// Parts of the rows that lie along the last axis but one.
std::int64_t cuts_of_rows(const LoopNest& nest, int threads) {
  const std::int64_t elements = nest.extents[nest.rank - 2] * nest.extents[nest.rank - 1];
  return std::clamp<std::int64_t>(elements / kMinJob, 1, 4 * threads);
}

// The two innermost axes in one call, the rows in `cuts` parts.
void run_short(ThreadPool& pool, const LoopNest& nest, std::int64_t cuts, BinaryKind kind, const float* a,
               const float* b, float* dst) {
  const int row_axis = nest.rank - 2;
  const std::int64_t rows = nest.extents[row_axis], n = nest.extents[nest.rank - 1];
  const std::int64_t outer = nest.elements() / (rows * n);
  const auto at = [&](int k) { return ShortRuns{nest.strides[k][row_axis], nest.strides[k][nest.rank - 1]}; };
  pool.run(outer * cuts, [&](std::int64_t job, int) {
    std::int64_t o[LoopNest::kMaxOperands];
    nest.offsets_at(job / cuts, row_axis, o);
    const std::int64_t first = job % cuts * rows / cuts, last = (job % cuts + 1) * rows / cuts;
    binary_short_runs(kind, last - first, n, a + o[1] + first * at(1).row_step, at(1),
                      b + o[2] + first * at(2).row_step, at(2), dst + o[0] + first * at(0).row_step, at(0));
  });
}

std::int64_t inner_step(const LoopNest& nest, int operand) {
  return nest.rank == 0 ? 0 : nest.strides[operand][nest.rank - 1];
}

// Runs of one element are slower than a copy into the destination's order first. Kernels of two
// operands take one that repeats its element (step 0), those of one operand do not.
bool inner_is_consecutive(const LoopNest& nest, bool may_repeat) {
  for (int k = 0; k < nest.operands; ++k) {
    const std::int64_t step = inner_step(nest, k);
    if (step != 1 && (k == 0 || step != 0 || !may_repeat) && nest.rank > 0) return false;
  }
  return true;
}

BinaryKind binary_kind(Op op) {
  switch (op) {
    case Op::kSub:
      return BinaryKind::kSub;
    case Op::kMul:
      return BinaryKind::kMul;
    case Op::kDiv:
      return BinaryKind::kDiv;
    case Op::kMin:
      return BinaryKind::kMin;
    case Op::kMax:
      return BinaryKind::kMax;
    default:
      return BinaryKind::kAdd;
  }
}

// The operand as the destination's loops see it: broadcast, and copied into the destination's order if its own fits
// badly.
PlanView operand_for(Planner& planner, const Node& node, ValueId id, const PlanView& dst, bool may_repeat) {
  const PlanView own = planner.read(id);
  const PlanView stretched = broadcast_to(own, dst.shape);
  if (inner_is_consecutive(nest_of({&dst, &stretched}), may_repeat)) return stretched;
  const Order order = order_of(dst.shape, dst.strides);
  if (own.shape == dst.shape) {
    const PlanView copy = planner.allocate(own.dtype, own.shape, order);
    planner.emit_copy(node.name, "into the order of the result", own, copy);
    return copy;
  }
  const PlanView copy = planner.allocate(own.dtype, dst.shape, order);
  planner.emit_copy(node.name, "broadcast into the order of the result", stretched, copy);
  return copy;
}

}  // namespace

Result<bool> lower_activation(Planner& planner, const Node& node) {
  const ElementwiseKernel& kernel = planner.kernels().elementwise;
  if (planner.value(node.inputs[0]).dtype != DType::kFloat32) return planner.refuse(kernel.name, "it takes float32");
  const auto activation = activation_of(planner.graph(), node);
  if (!activation) return planner.refuse(kernel.name, "bounds are not constant");
  const Output dst = planner.write(node.outputs[0], Need::kConsecutive);
  PlanView src = operand_for(planner, node, node.inputs[0], dst.view, false);
  const LoopNest nest = nest_of({&dst.view, &src});
  const Runs runs(nest, planner.threads());
  const auto run = kernel.activate;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    const float* from = context.at<float>(src);
    float* out = context.at<float>(to);
    for_each_run(context.pool(), runs, [&](std::int64_t n, const std::int64_t* offsets) {
      run(*activation, n, from + offsets[1], out + offsets[0]);
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

Result<bool> lower_binary(Planner& planner, const Node& node) {
  const ElementwiseKernel& kernel = planner.kernels().elementwise;
  if (node.inputs.size() != 2)
    return planner.refuse(kernel.name, fmt::format("it takes two operands, not {}", node.inputs.size()));
  if (planner.value(node.outputs[0]).dtype != DType::kFloat32)
    return planner.refuse(kernel.name,
                          fmt::format("it takes float32, not {}", dtype_name(planner.value(node.outputs[0]).dtype)));
  const Output dst = planner.write(node.outputs[0], Need::kConsecutive);
  const PlanView a = operand_for(planner, node, node.inputs[0], dst.view, true);
  const PlanView b = operand_for(planner, node, node.inputs[1], dst.view, true);
  const LoopNest nest = nest_of({&dst.view, &a, &b});
  const std::int64_t a_step = inner_step(nest, 1);
  const std::int64_t b_step = inner_step(nest, 2);
  const BinaryKind kind = binary_kind(node.op);
  const auto run = kernel.binary;
  if (has_short_runs(nest)) {
    const std::int64_t cuts = cuts_of_rows(nest, planner.threads());
    planner.emit(node, kernel.name, {a, b, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
      run_short(context.pool(), nest, cuts, kind, context.at<float>(a), context.at<float>(b), context.at<float>(to));
      return {};
    });
    planner.finish(node, dst);
    return true;
  }
  const Runs runs(nest, planner.threads());
  planner.emit(node, kernel.name, {a, b, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    const float* x = context.at<float>(a);
    const float* y = context.at<float>(b);
    float* out = context.at<float>(to);
    for_each_run(context.pool(), runs, [&](std::int64_t n, const std::int64_t* o) {
      run(kind, n, x + o[1], a_step, y + o[2], b_step, out + o[0]);
    });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

}  // namespace saker
