#include "guard/model_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "passes/int8/quantization.h"

namespace saker {
namespace {

// What one number stands for at most and at least.
struct Reach {
  float low = 0, high = 0;
};

Reach reach_of(const Quantization& q) {
  Reach reach;
  for (std::size_t i = 0; i < q.scale.size(); ++i) {
    reach.low = std::min(reach.low, -q.scale[i] * static_cast<float>(q.zero_point[i]));
    reach.high = std::max(reach.high, q.scale[i] * static_cast<float>(255 - q.zero_point[i]));
  }
  return reach;
}

Reach fed_values(const Preprocess& p) {
  Reach reach{p.scale * 0, 0};
  for (std::size_t c = 0; c < 3; ++c) {
    for (const float pixel : {0.0F, 255.0F}) {
      const float value = (pixel * p.scale - p.mean[c]) / p.std[c];
      reach.low = std::min(reach.low, value);
      reach.high = std::max(reach.high, value);
    }
  }
  return reach;
}

bool is_input(const Graph& graph, const std::vector<std::int32_t>& producer, ValueId id) {
  while (producer[static_cast<std::size_t>(id)] >= 0) {
    const Node& node = graph.nodes[static_cast<std::size_t>(producer[static_cast<std::size_t>(id)])];
    if (node.op != Op::kCast && node.op != Op::kIdentity) return false;
    id = node.inputs[0];
  }
  return std::ranges::find(graph.inputs, id) != graph.inputs.end();
}

// The picture's own quantization against the numbers it will hold.
void check_input(const Graph& graph, const std::vector<std::int32_t>& producer, const Preprocess& preprocess,
                 Findings& found) {
  constexpr float kTooWide = 8, kTooNarrow = 0.5F;
  const Reach fed = fed_values(preprocess);
  const float wanted = std::max(fed.high, -fed.low);
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kQuantizeLinear || !is_input(graph, producer, node.inputs[0])) continue;
    const auto q = quantization_of(graph, node);
    if (!q) continue;
    const Reach reach = reach_of(*q);
    const float held = std::max(reach.high, -reach.low);
    if (held <= kTooWide * wanted && held >= kTooNarrow * wanted) continue;
    const bool wide = held > wanted;
    found.push_back({wide ? "input range too wide" : "input range too narrow", true,
                     fmt::format("node '{}' holds {:.3g} to {:.3g}, and pixels will be {:.3g} to {:.3g}: {}", node.name,
                                 reach.low, reach.high, fed.low, fed.high,
                                 wide ? "was it calibrated with pixels that were not divided by 255?"
                                      : "was it calibrated with pixels that were divided by 255 once too often?"),
                     "quantize it again with the model's preprocessing: saker quantize"});
  }
}

// The quantization behind which a value is only moved; null: another node makes it.
const Node* last_quantization(const Graph& graph, const std::vector<std::int32_t>& producer, ValueId id) {
  for (std::int32_t i = producer[static_cast<std::size_t>(id)]; i >= 0; i = producer[static_cast<std::size_t>(id)]) {
    const Node& node = graph.nodes[static_cast<std::size_t>(i)];
    if (node.op == Op::kDequantizeLinear) return &node;
    const bool single = node.op == Op::kConcat ? node.inputs.size() == 1 : true;
    if (!single || !(moves_elements(graph, node) || node.op == Op::kCast || node.op == Op::kIdentity)) return nullptr;
    id = node.inputs[0];
  }
  return nullptr;
}

// Coordinates up to the picture's size and scores up to 1 under one scale: scores can only be multiples of it.
void check_outputs(const Graph& graph, const std::vector<std::int32_t>& producer, Findings& found) {
  constexpr float kCoarsestScore = 0.05F;
  for (const ValueId output : graph.outputs) {
    const Node* node = last_quantization(graph, producer, output);
    if (node == nullptr) continue;
    const auto q = quantization_of(graph, *node);
    if (!q || q->per_channel() || q->scale[0] <= kCoarsestScore) continue;
    found.push_back(
        {"one scale over boxes and scores", true,
         fmt::format("node '{}' gives output '{}' in steps of {:.3g}: every score becomes {}", node->name,
                     graph.value(output).name, q->scale[0], q->scale[0] > 2 ? "0" : "0 or a few other values"),
         "quantize it again with the head in float, as saker quantize does"});
  }
}

}  // namespace

bool is_quantized(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) {
    return node.op == Op::kQuantizeLinear || node.op == Op::kDequantizeLinear || node.op == Op::kDynamicQuantizeLinear;
  });
}

Findings check_quantized_model(const Graph& graph, const ModelUse& use) {
  Findings found;
  const std::vector<std::int32_t> producer = producers(graph);
  check_input(graph, producer, use.preprocess, found);
  if (use.boxes_beside_scores) check_outputs(graph, producer, found);
  return found;
}

}  // namespace saker
