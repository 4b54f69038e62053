// MatMul through the convolution kernel: rows of A are pixels, B is packed like 1x1 weights.
#include <algorithm>

#include "base/try.h"
#include "plan/planner.h"

namespace saker {
namespace {

struct Problem {
  std::int64_t batch = 1, m = 1, n = 1, k = 1;
  PlanView a, b, dst;  // all of rank >= 2, batch axes broadcast to the result's
};

// Element offsets of each operand's matrices (result, a, b), batch by batch.
LoopNest batch_nest(const Problem& p) {
  LoopNest nest;
  nest.operands = 3;
  const std::size_t batch_axes = p.dst.shape.size() - 2;
  for (std::size_t i = 0; i < batch_axes; ++i) {
    nest.extents[nest.rank] = p.dst.shape[i];
    nest.strides[0][nest.rank] = p.dst.strides[i];
    nest.strides[1][nest.rank] = p.a.strides[i];
    nest.strides[2][nest.rank] = p.b.strides[i];
    ++nest.rank;
  }
  return nest;
}

PlanView with_batch(const PlanView& view, const Shape& result) {
  Shape shape(result.begin(), result.end() - 2);
  shape.push_back(view.shape[view.shape.size() - 2]);
  shape.push_back(view.shape[view.shape.size() - 1]);
  return broadcast_to(view, shape);
}

ConvArgs conv_args(const Problem& p) {
  const std::size_t row = p.dst.shape.size() - 2;
  ConvArgs args;
  args.shape.in_w = args.shape.out_w = p.m;
  args.shape.in_c = p.k;
  args.shape.out_c = p.n;
  args.src_at.x_step = p.a.strides[row];
  args.dst_at.x_step = p.dst.strides[row];
  return args;
}

}  // namespace

Result<bool> lower_matmul(Planner& planner, const Node& node) {
  const ConvKernel& kernel = planner.kernels().conv;
  const std::string name = "matmul via " + kernel.name.text();
  Problem p;
  p.a = planner.read(node.inputs[0]);
  p.b = planner.read(node.inputs[1]);
  if (p.a.dtype != DType::kFloat32) return planner.refuse(name, "it takes float32");
  if (p.a.shape.size() < 2 || p.b.shape.size() < 2) return planner.refuse(name, "it takes matrices, not vectors");
  if (p.a.strides.back() != 1 && p.a.shape.back() > 1) p.a = planner.read(node.inputs[0], Need::kDense);
  const Output dst = planner.write(node.outputs[0], Need::kDense);
  p.dst = dst.view;
  const Shape& result = dst.view.shape;
  p.m = result[result.size() - 2], p.n = result.back(), p.k = p.a.shape.back();
  p.a = with_batch(p.a, result);
  p.b = with_batch(p.b, result);
  const LoopNest batches = batch_nest(p);
  p.batch = batches.elements();
  const ConvBlocks blocks(kernel, p.n);
  const std::int64_t packed_size = (conv_packed_weights(kernel, p.n, 1, p.k) + 15) / 16 * 16;
  const PlanView packed = planner.scratch(DType::kFloat32, {p.batch, packed_size});
  SAKER_ASSIGN(const auto bias, planner.weights(conv_packed_bias(kernel, p.n),
                                                [&](float* to) { conv_pack_bias(kernel, p.n, nullptr, to); }));
  const ConvArgs args = conv_args(p);
  const WeightStrides b_at{p.b.strides.back(), 0, p.b.strides[p.b.strides.size() - 2]};
  const std::int64_t tile = 24;  // rows a job: two to four tiles
  const std::int64_t chunks = (p.m + tile - 1) / tile;
  planner.emit(
      node, kernel.name, {p.a, p.b, p.dst, packed},
      [=, &kernel](RunContext& context) -> Status {
        float* storage = context.at<float>(packed);
        context.pool().run(p.batch, [&](std::int64_t i, int) {
          std::int64_t offsets[LoopNest::kMaxOperands];
          batches.offsets_at(i, batches.rank, offsets);
          conv_pack_weights(kernel, p.n, 1, p.k, context.at<float>(p.b) + offsets[2], b_at, storage + i * packed_size);
        });
        context.pool().run(p.batch * chunks, [&](std::int64_t job, int) {
          std::int64_t offsets[LoopNest::kMaxOperands];
          batches.offsets_at(job / chunks, batches.rank, offsets);
          ConvArgs own = args;
          own.dst = context.at<float>(p.dst) + offsets[0];
          own.src = context.at<float>(p.a) + offsets[1];
          own.weights = storage + job / chunks * packed_size;
          own.bias = bias.get();
          const std::int64_t first = job % chunks * tile;
          kernel.run(own, 0, first, std::min(first + tile, p.m), 0, blocks.blocks);
        });
        return {};
      },
      2.0 * static_cast<double>(p.batch * p.m * p.n) * static_cast<double>(p.k));
  planner.finish(node, dst);
  return true;
}

}  // namespace saker
