// QuantizeLinear of what only moves or picks elements becomes the same movement of quantized parts:
//   Q(Concat(a, b)) = Concat(Q(a), Q(b)),  Q(MaxPool(a)) = MaxPool(Q(a)), ...
// so that quantization meets the layers that make the numbers. For one scale a tensor; with one a channel, writers put
// it there themselves.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "passes/int8/quantization.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

class Raiser {
 public:
  explicit Raiser(Graph& graph)
      : graph_(graph),
        producer_(producers(graph)),
        max_nodes_(4 * graph.nodes.size() + 64),
        max_values_(4 * graph.values.size() + 256) {
    for (const Node& node : graph.nodes) {
      const auto quantization = node.op == Op::kQuantizeLinear ? quantization_of(graph, node) : std::nullopt;
      if (quantization && !quantization->per_channel())
        known_.emplace(std::pair(node.inputs[0], *quantization), node.outputs[0]);
    }
  }

  void run() {
    // Also over the nodes that this appends.
    for (std::size_t i = 0;
         i < graph_.nodes.size() && graph_.nodes.size() < max_nodes_ && graph_.values.size() < max_values_; ++i)
      raise(i);
    std::vector<ValueId> by = own_values(graph_);
    for (const auto& [old, now] : stand_ins_) by[static_cast<std::size_t>(old)] = now;
    for (Node& node : graph_.nodes) replace(node.inputs, by);
    replace(graph_.outputs, by);
    sort_nodes(graph_);
  }

 private:
  void raise(std::size_t i) {
    if (graph_.nodes[i].op != Op::kQuantizeLinear) return;
    const auto quantization = quantization_of(graph_, graph_.nodes[i]);
    if (!quantization || quantization->per_channel()) return;
    const ValueId x = graph_.nodes[i].inputs[0];
    const std::int32_t producer = producer_[static_cast<std::size_t>(x)];
    if (producer < 0 || !moves_elements(graph_, graph_.nodes[static_cast<std::size_t>(producer)])) return;
    const std::vector<ValueId>& bytes = moved(producer, *quantization);
    const std::vector<ValueId>& floats = graph_.nodes[static_cast<std::size_t>(producer)].outputs;
    const auto output = static_cast<std::size_t>(std::ranges::find(floats, x) - floats.begin());
    stand_ins_.emplace_back(graph_.nodes[i].outputs[0], bytes[output]);
  }

  // The results of the movement of quantized parts; of a Split also those that nothing reads.
  const std::vector<ValueId>& moved(std::int32_t producer, const Quantization& quantization) {
    const auto [found, is_new] = moved_.try_emplace(std::pair(producer, quantization));
    if (!is_new) return found->second;
    Node mover = graph_.nodes[static_cast<std::size_t>(producer)];
    mover.name += ".int8";
    const std::size_t data = mover.op == Op::kConcat ? mover.inputs.size() : 1;
    for (std::size_t k = 0; k < data; ++k) mover.inputs[k] = quantized(mover.inputs[k], quantization);
    for (ValueId& id : mover.outputs) {
      if (id == kNoValue) continue;
      const ValueId bytes = graph_.add_value(fmt::format("{}.int8", graph_.value(id).name), DType::kUint8);
      graph_.value(bytes).shape = graph_.value(id).shape;
      id = bytes;
    }
    found->second = mover.outputs;
    graph_.nodes.push_back(std::move(mover));
    return found->second;
  }

  // x's producer is as before: only quantizations and movements of their results are new.
  ValueId quantized(ValueId x, const Quantization& quantization) {
    const auto [found, is_new] = known_.emplace(std::pair(x, quantization), kNoValue);
    if (is_new)
      found->second = append_quantize(graph_, x, quantization, fmt::format("{}.quantized", graph_.value(x).name));
    return found->second;
  }

  Graph& graph_;
  std::vector<std::int32_t> producer_;
  std::map<std::pair<ValueId, Quantization>, ValueId> known_;
  std::map<std::pair<std::int32_t, Quantization>, std::vector<ValueId>> moved_;
  std::vector<std::pair<ValueId, ValueId>> stand_ins_;
  std::size_t max_nodes_, max_values_;  // a hostile file could make it grow without end
};

}  // namespace

Status raise_quantization(Graph& graph) {
  Raiser(graph).run();
  return remove_dead(graph);
}

}  // namespace saker
