// Pools and reductions.
#include <algorithm>
#include <numeric>

#include "base/try.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

LayerData pool_data(const PoolAttrs& attrs) {
  LayerData data = window_data(attrs.window, attrs.window.kernel.size());
  data.emplace_back("kernel", text(attrs.window.kernel));
  // As ONNX has it since opset 22: no window starts behind the picture.
  data.emplace_back("rounding_type", attrs.ceil_mode ? "ceil_torch" : "floor");
  return data;
}

bool is_dilated(const WindowAttrs& window) {
  return std::ranges::any_of(window.dilations, [](std::int64_t d) { return d != 1; });
}

// A constant list of all axes from `first` on.
Source axes_from(NodeExporter& node, std::size_t first, std::size_t rank) {
  std::vector<std::int64_t> axes(rank - first);
  std::iota(axes.begin(), axes.end(), static_cast<std::int64_t>(first));
  return node.list("axes", axes);
}

struct Reduction {
  Op op;
  const char* type;
  const char* version;
};
constexpr Reduction kReductions[] = {
    {Op::kReduceL1, "ReduceL1", "opset4"},   {Op::kReduceL2, "ReduceL2", "opset4"},
    {Op::kReduceMax, "ReduceMax", "opset1"}, {Op::kReduceMean, "ReduceMean", "opset1"},
    {Op::kReduceMin, "ReduceMin", "opset1"}, {Op::kReduceProd, "ReduceProd", "opset1"},
    {Op::kReduceSum, "ReduceSum", "opset1"},
};

}  // namespace

Status export_max_pool(NodeExporter& node) {
  const auto& attrs = node.as<PoolAttrs>();
  const auto& outputs = node.node().outputs;
  if (outputs.size() > 1 && outputs[1] != kNoValue) return unsupported("the places of the maxima");
  LayerData data = pool_data(attrs);
  data.emplace_back("index_element_type", "i64");
  data.emplace_back("axis", "0");
  std::vector<DType> more;
  if (outputs.size() == 1) more.push_back(DType::kInt64);
  return node.emit("MaxPool", attrs.ceil_mode ? "opset14" : "opset8", std::move(data), {node.input(0)}, more);
}

Status export_average_pool(NodeExporter& node) {
  const auto& attrs = node.as<PoolAttrs>();
  if (is_dilated(attrs.window)) return unsupported("its dilations");
  // OpenVINO divides by the whole window where it ends behind the padding.
  if (attrs.ceil_mode && attrs.count_include_pad) return unsupported("padding that counts, and ceil_mode");
  LayerData data = pool_data(attrs);
  std::erase_if(data, [](const auto& entry) { return std::string_view(entry.first) == "dilations"; });
  data.emplace_back("exclude-pad", text(!attrs.count_include_pad));
  return node.emit("AvgPool", attrs.ceil_mode ? "opset14" : "opset1", std::move(data), {node.input(0)});
}

// Over all axes behind the channels.
Status export_global_pool(NodeExporter& node) {
  SAKER_ASSIGN(const std::size_t rank, node.rank(0));
  return node.emit(node.node().op == Op::kGlobalMaxPool ? "ReduceMax" : "ReduceMean", "opset1",
                   {{"keep_dims", text(true)}}, {node.input(0), axes_from(node, std::min<std::size_t>(2, rank), rank)});
}

Status export_reduce(NodeExporter& node) {
  const auto& attrs = node.as<ReduceAttrs>();
  const Reduction& reduction = *std::ranges::find(kReductions, node.node().op, &Reduction::op);
  if (node.has_input(1)) {
    SAKER_ASSIGN(const std::vector<std::int64_t> axes, node.integers(1, "its list of axes"));
    if (!axes.empty() || attrs.noop_with_empty_axes)
      return node.emit(reduction.type, reduction.version, {{"keep_dims", text(attrs.keepdims)}},
                       {node.input(0), node.list("axes", axes)});
  } else if (attrs.noop_with_empty_axes) {
    return export_identity(node);
  }
  SAKER_ASSIGN(const std::size_t rank, node.rank(0));
  return node.emit(reduction.type, reduction.version, {{"keep_dims", text(attrs.keepdims)}},
                   {node.input(0), axes_from(node, 0, rank)});
}

}  // namespace saker::openvino_ir
