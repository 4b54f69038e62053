// Tensors made of shapes and numbers.
#include "graph/ops/common.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {

Status add_shape(ScriptNode& n) {
  const auto& attrs = n.as<ShapeAttrs>();
  const std::string all = call("_shape_as_tensor", n.in(0));
  const bool whole = attrs.start == 0 && attrs.end == INT64_MAX;
  n.assign(whole ? all : call("slice", all, "0", literal(attrs.start), literal(attrs.end), "1"));
  return {};
}

Status add_range(ScriptNode& n) {
  const auto type = scalar_type(n.dtype(0));
  if (!type) return unsupported("its element type");
  const char* number = ops::contains(ops::kFloatTypes, n.dtype(0)) ? "float" : "int";
  const auto scalar = [&](std::size_t i) { return fmt::format("{}({})", number, n.in(i)); };
  n.assign(call("arange", scalar(0), scalar(1), scalar(2), fmt::format("dtype={}", *type)));
  return {};
}

Status add_constant_of_shape(ScriptNode& n) {
  const Tensor& value = n.as<ConstantOfShapeAttrs>().value;
  const auto type = scalar_type(value.dtype());
  const auto number = number_of(value);
  if (!type || !number) return unsupported("its element type");
  n.assign(call("full", n.integers(0), literal(*number), fmt::format("dtype={}", *type)));
  return {};
}

}  // namespace saker::torchscript
