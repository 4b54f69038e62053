// MaxPool, AveragePool, GlobalAveragePool.
#include "base/check.h"
#include "base/try.h"
#include "plan/conv_node.h"
#include "plan/picture_rows.h"

namespace saker {
namespace {

Result<PoolArgs> pool_args(const Planner& planner, const Node& node) {
  const Shape& in = *planner.value(node.inputs[0]).shape;
  PoolArgs args;
  WindowAttrs window_attrs;
  bool ceil_mode = false;
  args.average = node.op != Op::kMaxPool;
  window_attrs.kernel = {in[2], in[3]};
  if (const auto* attrs = std::get_if<PoolAttrs>(&node.attrs)) {
    window_attrs = attrs->window;
    ceil_mode = attrs->ceil_mode;
    args.count_include_pad = attrs->count_include_pad;
  }
  SAKER_ASSIGN(const ops::Window window,
               ops::plan_window(window_attrs, {in[2], in[3]}, window_attrs.kernel, ceil_mode));
  args.shape = shape_of_window(window, in[0], in[1], in[1]);
  args.pad_bottom = window.after[0], args.pad_right = window.after[1];
  return args;
}

}  // namespace

Result<bool> lower_pool(Planner& planner, const Node& node) {
  const PoolKernel& kernel = planner.kernels().pool;
  if (const std::string reason = refusal_of_picture(planner.graph(), node, node.op == Op::kMaxPool); !reason.empty())
    return planner.refuse(kernel.name, reason);
  SAKER_ASSIGN(PoolArgs args, pool_args(planner, node));
  const PlanView src = planner.read(node.inputs[0], Need::kChannelsInnermost);
  const Output dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
  SAKER_CHECK(src.dtype == dst.view.dtype);
  args.src_at = picture_strides(src);
  args.dst_at = picture_strides(dst.view);
  const std::int64_t parts = parts_of_rows(args.shape.out_h, planner.threads());
  if (src.dtype == DType::kUint8) {
    const auto run_bytes = kernel.run_bytes;
    planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
      const auto* from = context.at<std::uint8_t>(src);
      run_rows(context, args.shape.batch, args.shape.out_h, parts,
               [&](std::int64_t n, std::int64_t first, std::int64_t last) {
                 run_bytes(args, from, context.at<std::uint8_t>(to), n, first, last);
               });
      return {};
    });
    planner.finish(node, dst);
    return true;
  }
  const PoolBf16Kernel* bf16 = src.dtype == DType::kBFloat16 ? planner.kernels().pool_bf16 : nullptr;
  const KernelName& name = bf16 == nullptr ? kernel.name : bf16->name;
  const auto run = bf16 == nullptr ? kernel.run : bf16->run;
  planner.emit(node, name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    PoolArgs bound = args;
    bound.src = reinterpret_cast<const float*>(context.bytes_at(src));
    bound.dst = reinterpret_cast<float*>(context.bytes_at(to));
    run_rows(context, args.shape.batch, args.shape.out_h, parts,
             [&](std::int64_t n, std::int64_t first, std::int64_t last) { run(bound, n, first, last); });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

}  // namespace saker
