// MaxPool, AveragePool, GlobalAveragePool; Resize.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "graph/ops/resize.h"
#include "plan/conv_node.h"

namespace saker {
namespace {

std::string refusal(const Planner& planner, const Node& node, bool takes_bytes) {
  const Value& x = planner.value(node.inputs[0]);
  if (x.dtype != DType::kFloat32 && (x.dtype != DType::kUint8 || !takes_bytes))
    return fmt::format("it takes float32, the input is {}", dtype_name(x.dtype));
  if (x.shape->size() != 4)
    return fmt::format("it is 2-D, the input has {} spatial axes", static_cast<int>(x.shape->size()) - 2);
  if (element_count(*x.shape).value() == 0) return "the input is empty";
  if ((*x.shape)[2] == 0 || (*x.shape)[3] == 0) return "the map is empty";
  if (node.outputs.size() > 1 && node.outputs[1] != kNoValue) return "it gives no indices";
  return "";
}

std::int64_t parts_of_rows(std::int64_t rows, int threads) {
  return threads > 1 ? std::min<std::int64_t>(rows, 4 * threads) : 1;
}

// Output rows in parts, `batch` times.
void run_rows(RunContext& context, std::int64_t batch, std::int64_t rows, std::int64_t parts,
              const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& body) {
  context.pool().run(batch * parts, [&](std::int64_t job, int) {
    const std::int64_t part = job % parts;
    body(job / parts, part * rows / parts, (part + 1) * rows / parts);
  });
}

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

// Input positions and weights of one axis, or the reason why this kernel cannot take it.
struct AxisTable {
  std::vector<std::int32_t> low, high;
  std::vector<float> weight;
};

std::string fill_table(const ResizeAttrs& attrs, const ops::ResizeAxis& axis, AxisTable& table) {
  const bool nearest = attrs.mode == ResizeMode::kNearest;
  if (!axis.touched) {
    for (std::int64_t i = 0; i < axis.out; ++i) {
      table.low.push_back(static_cast<std::int32_t>(i));
      table.high.push_back(static_cast<std::int32_t>(i));
      table.weight.push_back(0);
    }
    return "";
  }
  const ops::ResizeTaps taps = ops::resize_taps(attrs, axis);
  for (std::size_t o = 0; o + 1 < taps.begin.size(); ++o) {
    const std::size_t first = taps.begin[o];
    const std::size_t count = taps.begin[o + 1] - first;
    if (count == 0 || count > 2 || (nearest && count > 1))
      return fmt::format("an output position reads {} inputs", count);
    const bool two = count == 2;
    table.low.push_back(static_cast<std::int32_t>(taps.index[first]));
    table.high.push_back(static_cast<std::int32_t>(taps.index[two ? first + 1 : first]));
    table.weight.push_back(two ? static_cast<float>(taps.weight[first + 1]) : 0.0F);
    if (!two && taps.weight[first] != 1.0) return "an output position is a scaled input";
  }
  return "";
}

}  // namespace

Result<bool> lower_pool(Planner& planner, const Node& node) {
  const PoolKernel& kernel = planner.kernels().pool;
  if (const std::string reason = refusal(planner, node, node.op == Op::kMaxPool); !reason.empty())
    return planner.refuse(kernel.name, reason);
  SAKER_ASSIGN(PoolArgs args, pool_args(planner, node));
  const PlanView src = planner.read(node.inputs[0], Need::kChannelsInnermost);
  const Output dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
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
  const auto run = kernel.run;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    PoolArgs bound = args;
    bound.src = context.at<float>(src);
    bound.dst = context.at<float>(to);
    run_rows(context, args.shape.batch, args.shape.out_h, parts,
             [&](std::int64_t n, std::int64_t first, std::int64_t last) { run(bound, n, first, last); });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

Result<bool> lower_resize(Planner& planner, const Node& node) {
  const ResizeKernel& kernel = planner.kernels().resize;
  const auto& attrs = node.as<ResizeAttrs>();
  const bool nearest = attrs.mode == ResizeMode::kNearest;
  if (const std::string reason = refusal(planner, node, nearest); !reason.empty())
    return planner.refuse(kernel.name, reason);
  SAKER_ASSIGN(const auto axes, ops::plan_resize(ops::Args(planner.graph(), node)));
  if (!axes) return planner.refuse(kernel.name, "scales or sizes are not constant");
  if ((*axes)[0].touched || (*axes)[1].touched) return planner.refuse(kernel.name, "it resizes height and width only");
  auto rows = std::make_shared<AxisTable>();
  auto columns = std::make_shared<AxisTable>();
  for (const auto& [axis, table] : {std::pair{2, rows}, std::pair{3, columns}}) {
    if (const std::string reason = fill_table(attrs, (*axes)[static_cast<std::size_t>(axis)], *table); !reason.empty())
      return planner.refuse(kernel.name, reason);
  }
  // Nearest neighbours of bytes are copied as floats, four at a time.
  const bool bytes = planner.value(node.inputs[0]).dtype == DType::kUint8;
  if (bytes && planner.value(node.inputs[0]).shape->at(1) % 4 != 0)
    return planner.refuse(kernel.name, "of bytes it takes multiples of four channels");
  const Need need = bytes ? Need::kQuads : Need::kChannelsInnermost;
  const PlanView src = planner.read(node.inputs[0], need);
  const Output dst = planner.write(node.outputs[0], need);
  const std::int64_t unit = bytes ? 4 : 1;
  ResizeArgs resize;
  resize.out_w = dst.view.shape[3];
  resize.channels = dst.view.shape[1] / unit;
  resize.rows = {rows->low.data(), nearest ? nullptr : rows->high.data(), rows->weight.data()};
  resize.columns = {columns->low.data(), nearest ? nullptr : columns->high.data(), columns->weight.data()};
  resize.src_at = picture_strides(src, unit);
  resize.dst_at = picture_strides(dst.view, unit);
  const std::int64_t parts = parts_of_rows(dst.view.shape[2], planner.threads());
  const auto run = kernel.run;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    // rows and columns are captured to keep the tables alive.
    static_cast<void>(rows);
    static_cast<void>(columns);
    ResizeArgs bound = resize;
    bound.src = reinterpret_cast<const float*>(context.bytes_at(src));
    bound.dst = reinterpret_cast<float*>(context.bytes_at(to));
    run_rows(context, to.shape[0], to.shape[2], parts,
             [&](std::int64_t n, std::int64_t first, std::int64_t last) { run(bound, n, first, last); });
    return {};
  });
  planner.finish(node, dst);
  return true;
}

}  // namespace saker
