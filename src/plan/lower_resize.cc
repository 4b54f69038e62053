// Resize of a picture's height and width.
#include <fmt/format.h>

#include "base/check.h"
#include "base/try.h"
#include "graph/ops/resize.h"
#include "plan/picture_rows.h"

namespace saker {
namespace {

// Input positions and weights of one axis, or the reason why this kernel cannot take it.
struct AxisTable {
  std::vector<std::int32_t> low, high;
  std::vector<float> weight;
};

std::string fill_table(const ResizeAttrs& attrs, const ops::ResizedAxis& axis, AxisTable& table) {
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

struct ResizeTables {
  AxisTable rows, columns;
};

bool is_nearest(const Node& node) {
  return node.as<ResizeAttrs>().mode == ResizeMode::kNearest;
}

// Empty, or why the kernel does not take the node.
Result<std::string> describe_resize(const Graph& graph, const Node& node, ResizeTables& tables) {
  const auto& attrs = node.as<ResizeAttrs>();
  if (std::string reason = refusal_of_picture(graph, node, is_nearest(node)); !reason.empty()) return reason;
  SAKER_ASSIGN(const auto axes, ops::plan_resize(ops::Args(graph, node)));
  if (!axes) return std::string("scales or sizes are not constant");
  if ((*axes)[0].touched || (*axes)[1].touched) return std::string("it resizes height and width only");
  if (std::string reason = fill_table(attrs, (*axes)[2], tables.rows); !reason.empty()) return reason;
  return fill_table(attrs, (*axes)[3], tables.columns);
}

}  // namespace

bool resizes_to_nearest(const Graph& graph, const Node& node) {
  ResizeTables tables;
  const auto reason = describe_resize(graph, node, tables);
  return is_nearest(node) && reason.ok() && reason->empty();
}

Result<bool> lower_resize(Planner& planner, const Node& node) {
  const ResizeKernel& kernel = planner.kernels().resize;
  const bool nearest = is_nearest(node);
  auto tables = std::make_shared<ResizeTables>();
  SAKER_ASSIGN(const std::string reason, describe_resize(planner.graph(), node, *tables));
  if (!reason.empty()) return planner.refuse(kernel.name, reason);
  // Nearest neighbours of bytes are copied as floats, four at a time, those of bfloat16 two at a time.
  const bool bytes = planner.value(node.inputs[0]).dtype == DType::kUint8;
  if (bytes && planner.value(node.inputs[0]).shape->at(1) % 4 != 0)
    return planner.refuse(kernel.name, "of bytes it takes multiples of four channels");
  const Need need = bytes ? Need::kQuads : Need::kChannelsInnermost;
  const PlanView src = planner.read(node.inputs[0], need);
  const Output dst = planner.write(node.outputs[0], need);
  SAKER_CHECK(src.dtype == dst.view.dtype);
  const auto unit = static_cast<std::int64_t>(sizeof(float) / dtype_size(src.dtype));
  ResizeArgs resize;
  resize.out_w = dst.view.shape[3];
  resize.channels = dst.view.shape[1] / unit;
  const auto taps = [&](const AxisTable& table) -> decltype(resize.rows) {
    return {table.low.data(), nearest ? nullptr : table.high.data(), table.weight.data()};
  };
  resize.rows = taps(tables->rows);
  resize.columns = taps(tables->columns);
  resize.src_at = picture_strides(src, unit);
  resize.dst_at = picture_strides(dst.view, unit);
  const std::int64_t parts = parts_of_rows(dst.view.shape[2], planner.threads());
  const auto run = kernel.run;
  planner.emit(node, kernel.name, {src, dst.view}, [=, to = dst.view](RunContext& context) -> Status {
    static_cast<void>(tables);  // captured to keep them alive
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
