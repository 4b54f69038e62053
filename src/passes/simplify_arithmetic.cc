// Costly operators whose constant operand makes them cheap: Pow(x, 2) = x * x.
#include "graph/activation_of.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {

Status simplify_arithmetic(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.op != Op::kPow || scalar_constant(graph, node.inputs[1]) != 2.0F) continue;
    const Value& base = graph.value(node.inputs[0]);
    // The exponent's shape can stretch the result only if it has more axes.
    if (base.dtype != DType::kFloat32 || !base.shape || base.shape != graph.value(node.outputs[0]).shape) continue;
    node.op = Op::kMul;
    node.inputs[1] = node.inputs[0];
  }
  return {};
}

}  // namespace saker
