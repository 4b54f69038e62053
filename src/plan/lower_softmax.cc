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

// A nest over destination and source, run by blocks of its last axis: one long axis still feeds several threads, and a
// block stays in L1.
class AxisBlocks {
 public:
  explicit AxisBlocks(LoopNest nest) : nest_(nest), count_(nest.extents[nest.rank - 1]) {
    const int last = nest_.rank - 1;
    nest_.extents[last] = (count_ + kBlock - 1) / kBlock;
    for (int k = 0; k < 2; ++k) nest_.strides[k][last] *= kBlock;
  }

  std::int64_t blocks() const { return nest_.elements(); }
  // body(elements, destination's offset, source's offset) for block i.
  template <typename Body>
  void run(std::int64_t i, Body&& body) const {
    std::int64_t at[LoopNest::kMaxOperands];
    nest_.offsets_at(i, nest_.rank, at);
    const std::int64_t first = i % nest_.extents[nest_.rank - 1] * kBlock;
    body(std::min(kBlock, count_ - first), at[0], at[1]);
  }

 private:
  static constexpr std::int64_t kBlock = 256;
  LoopNest nest_;
  std::int64_t count_;
};

// One more axis, the last.
void append_axis(LoopNest& nest, std::int64_t extent, std::int64_t dst_step, std::int64_t src_step) {
  nest.extents[nest.rank] = extent;
  nest.strides[0][nest.rank] = dst_step;
  nest.strides[1][nest.rank] = src_step;
  ++nest.rank;
}

Result<bool> lower_expectation(Planner& planner, const Node& node, const PlanView& src, std::size_t axis) {
  const SoftmaxKernel& kernel = planner.kernels().softmax;
  const auto& expectation = node.as<SoftmaxAttrs>().expectation;
  const PlanView rows = src.strides[axis] == 1 ? src : planner.read(node.inputs[0], Need::kChannelsInnermost);
  if (rows.strides[axis] != 1) return planner.refuse(kernel.name, "the axis is not consecutive in memory");
  const std::int64_t n = src.shape[axis];
  SAKER_ASSIGN(const auto weights, planner.weights(n, [&](float* to) { std::ranges::copy(expectation, to); }));
  const PlanView to = planner.write(node.outputs[0]).view;
  LoopNest nest = outer_nest(to, rows, axis, kNoAxis);  // last the axis along which results are neighbours
  if (nest.rank == 0) append_axis(nest, 1, 0, 0);
  const std::int64_t dst_step = nest.strides[0][nest.rank - 1], src_step = nest.strides[1][nest.rank - 1];
  const AxisBlocks blocks(nest);
  const std::int64_t jobs = job_count(blocks.blocks(), planner.threads());
  const auto run = kernel.expectations;
  planner.emit(node, kernel.name, {rows, to}, [=](RunContext& context) -> Status {
    const float* from = context.at<float>(rows);
    float* out = context.at<float>(to);
    context.pool().run(jobs, [&](std::int64_t job, int) {
      for (std::int64_t i = job * blocks.blocks() / jobs; i < (job + 1) * blocks.blocks() / jobs; ++i) {
        blocks.run(i, [&](std::int64_t count, std::int64_t dst, std::int64_t row) {
          run(n, count, weights.get(), from + row, src_step, out + dst, dst_step);
        });
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
  LoopNest nest = outer_nest(to, src, axis, lanes);
  if (nest.rank == LoopNest::kMaxRank) return planner.refuse(kernel.name, "too many axes");
  append_axis(nest, src.shape[lanes], 1, 1);
  const AxisBlocks blocks(nest);
  const auto run = kernel.columns;
  const std::int64_t src_step = src.strides[axis];
  const std::int64_t dst_step = to.strides[axis];
  planner.emit(node, kernel.name, {src, to}, [=](RunContext& context) -> Status {
    context.pool().run(blocks.blocks(), [&](std::int64_t i, int) {
      blocks.run(i, [&](std::int64_t columns, std::int64_t out, std::int64_t in) {
        run(n, columns, context.at<float>(src) + in, src_step, context.at<float>(to) + out, dst_step);
      });
    });
    return {};
  });
  return true;
}

}  // namespace saker
