// Resize of a picture's height and width.
#include <fmt/format.h>

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

}  // namespace

Result<bool> lower_resize(Planner& planner, const Node& node) {
  const ResizeKernel& kernel = planner.kernels().resize;
  const auto& attrs = node.as<ResizeAttrs>();
  const bool nearest = attrs.mode == ResizeMode::kNearest;
  if (const std::string reason = refusal_of_picture(planner, node, nearest); !reason.empty())
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
