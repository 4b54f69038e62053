// Elements picked by index, order or sum.
#include <algorithm>

#include "base/try.h"
#include "graph/ops/common.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

// torch indexes by int64.
std::string index_of(const ScriptNode& n, std::size_t i) {
  return n.dtype(i) == DType::kInt64 ? n.in(i) : call("to", n.in(i), "4");
}

// An index from the end becomes one from the beginning.
std::string from_beginning(const ScriptNode& n, std::size_t i, std::int64_t axis) {
  return call("remainder", index_of(n, i), call("size", n.in(0), literal(axis)));
}

// The parts of an index whose last axis names a place: a list for index and index_put.
Result<std::string> places(ScriptNode& n, std::size_t i) {
  const Shape* shape = n.shape(i);
  if (shape == nullptr || shape->empty()) return unsupported("indices whose shape is not known");
  const std::string index = n.step(index_of(n, i));
  std::vector<std::string> parts;
  for (std::int64_t k = 0; k < shape->back(); ++k) parts.push_back(call("select", index, "-1", literal(k)));
  return fmt::format("annotate(List[Optional[Tensor]], [{}])", fmt::join(parts, ", "));
}

// Axes of a reduction; all where none are named.
Result<std::string> reduced_axes(const ScriptNode& n) {
  const auto& attrs = n.as<ReduceAttrs>();
  const auto axes = n.has(1) ? n.constants(1) : Shape{};
  if (!axes) return unsupported("axes that are not constant");
  if (!axes->empty()) return literal(*axes);
  if (attrs.noop_with_empty_axes) return unsupported("a reduction of no axis");
  const Shape* shape = n.shape(0);
  if (shape == nullptr) return unsupported("an input whose rank is not known");
  Shape all;
  for (std::size_t i = 0; i < shape->size(); ++i) all.push_back(static_cast<std::int64_t>(i));
  return literal(all);
}

}  // namespace

Status add_gather(ScriptNode& n) {
  const Shape* shape = n.shape(0);
  std::int64_t axis = n.as<AxisAttrs>().axis;
  if (const auto index = n.constants(1); index && index->size() == 1 && n.shape(1)->empty()) {
    n.assign(call("select", n.in(0), literal(axis), literal(index->front())));
    return {};
  }
  if (axis < 0) {
    if (shape == nullptr) return unsupported("an axis of a tensor whose rank is not known");
    axis = static_cast<std::int64_t>(axis_index(axis, shape->size()));
  }
  std::string list;
  for (std::int64_t i = 0; i < axis; ++i) list += "None, ";
  n.assign(call("index", n.in(0), fmt::format("annotate(List[Optional[Tensor]], [{}{}])", list, index_of(n, 1))));
  return {};
}

Status add_gather_elements(ScriptNode& n) {
  const std::int64_t axis = n.as<AxisAttrs>().axis;
  n.assign(call("gather", n.in(0), literal(axis), from_beginning(n, 1, axis)));
  return {};
}

Status add_gather_nd(ScriptNode& n) {
  if (n.as<BatchDimsAttrs>().batch_dims != 0) return unsupported("batch_dims");
  SAKER_ASSIGN(const std::string list, places(n, 1));
  n.assign(call("index", n.in(0), list));
  return {};
}

Status add_scatter_elements(ScriptNode& n) {
  const auto& attrs = n.as<ScatterElementsAttrs>();
  const std::string index = from_beginning(n, 1, attrs.axis);
  if (attrs.reduction != ScatterReduction::kNone && attrs.reduction != ScatterReduction::kAdd)
    return unsupported("its reduction");
  n.assign(call(attrs.reduction == ScatterReduction::kAdd ? "scatter_add" : "scatter", n.in(0), literal(attrs.axis),
                index, n.in(2)));
  return {};
}

Status add_scatter_nd(ScriptNode& n) {
  const ScatterReduction reduction = n.as<ScatterNDAttrs>().reduction;
  if (reduction != ScatterReduction::kNone && reduction != ScatterReduction::kAdd) return unsupported("its reduction");
  SAKER_ASSIGN(const std::string list, places(n, 1));
  n.assign(call("index_put", n.in(0), list, n.in(2), literal(reduction == ScatterReduction::kAdd)));
  return {};
}

Status add_top_k(ScriptNode& n) {
  const auto& attrs = n.as<TopKAttrs>();
  const auto known = n.constants(1);
  const std::string k = known && known->size() == 1 ? literal(known->front()) : fmt::format("int({})", n.in(1));
  n.assign_all(call("topk", n.in(0), k, literal(attrs.axis), literal(attrs.largest), literal(attrs.sorted)));
  return {};
}

Status add_arg_max(ScriptNode& n) {
  const auto& attrs = n.as<ArgMaxAttrs>();
  if (attrs.select_last) return unsupported("the last of equal values");
  n.assign(call(n.op() == Op::kArgMax ? "argmax" : "argmin", n.in(0), literal(attrs.axis), literal(attrs.keepdims)));
  return {};
}

Status add_reduce(ScriptNode& n) {
  SAKER_ASSIGN(const std::string axes, reduced_axes(n));
  const std::string keep = literal(n.as<ReduceAttrs>().keepdims), x = n.in(0);
  const auto type = scalar_type(n.dtype(0));
  if (!type) return unsupported("its element type");
  const auto sum = [&](const std::string& of) { return call("sum", of, axes, keep, fmt::format("dtype={}", *type)); };
  const std::string squares = call("mul", x, x);
  switch (n.op()) {
    case Op::kReduceL1:
      n.assign(sum(call("abs", x)));
      return {};
    case Op::kReduceL2:
      n.assign(call("sqrt", sum(squares)));
      return {};
    case Op::kReduceLogSum:
      n.assign(call("log", sum(x)));
      return {};
    case Op::kReduceLogSumExp:
      n.assign(call("logsumexp", x, axes, keep));
      return {};
    case Op::kReduceMax:
      n.assign(call("amax", x, axes, keep));
      return {};
    case Op::kReduceMin:
      n.assign(call("amin", x, axes, keep));
      return {};
    case Op::kReduceMean:
      if (!ops::contains(ops::kFloatTypes, n.dtype(0))) return unsupported("a mean of integers");
      n.assign(call("mean", x, axes, keep));
      return {};
    case Op::kReduceSumSquare:
      n.assign(sum(squares));
      return {};
    default:
      n.assign(sum(x));
      return {};
  }
}

Status add_cum_sum(ScriptNode& n) {
  const auto& attrs = n.as<CumSumAttrs>();
  const auto axis = n.constants(1);
  const auto type = scalar_type(n.dtype(0));
  if (attrs.exclusive || attrs.reverse || !axis || axis->size() != 1 || !type)
    return unsupported("exclusive, reverse, or an axis that is not constant");
  n.assign(call("cumsum", n.in(0), literal(axis->front()), fmt::format("dtype={}", *type)));
  return {};
}

// The equation stands in the code: letters and its few signs only.
Status add_einsum(ScriptNode& n) {
  const std::string& equation = n.as<EinsumAttrs>().equation;
  const bool plain = std::ranges::all_of(equation, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(",.-> ").find(c) != std::string_view::npos;
  });
  if (!plain) return unsupported("its equation");
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < n.input_count(); ++i) parts.push_back(n.in(i));
  n.assign(fmt::format("torch.einsum(\"{}\", [{}])", equation, fmt::join(parts, ", ")));
  return {};
}

Status add_trilu(ScriptNode& n) {
  const auto k = n.has(1) ? n.number(1) : 0.0;
  if (!k) return unsupported("a diagonal that is not constant");
  n.assign(call(n.as<TriluAttrs>().upper ? "triu" : "tril", n.in(0), literal(static_cast<std::int64_t>(*k))));
  return {};
}

}  // namespace saker::torchscript
