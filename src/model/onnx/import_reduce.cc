// Reductions, and Size.
#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {

// Axes were an attribute until opset 18 (ReduceSum: 13), an input since.
Status import_reduce(NodeImporter& node, Op op) {
  const std::int64_t input_since = op == Op::kReduceSum ? 13 : 18;
  ReduceAttrs attrs;
  SAKER_ASSIGN(attrs.keepdims, node.bool_attr("keepdims", true));
  if (node.opset() >= input_since) {
    SAKER_ASSIGN(attrs.noop_with_empty_axes, node.bool_attr("noop_with_empty_axes", false));
    return node.emit(op, attrs);
  }
  SAKER_ASSIGN(const std::vector<std::int64_t> axes, node.ints_attr("axes"));
  if (axes.empty()) return node.emit(op, attrs);
  SAKER_ASSIGN(const ValueId axes_input, node.int_constant("axes", axes));
  return node.emit(op, attrs, {node.input(0), axes_input});
}

// The product of the extents.
Status import_size(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, 1));
  const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(0)}, "shape");
  return node.emit(Op::kReduceProd, ReduceAttrs{false, false}, {shape});
}

}  // namespace saker::onnx
