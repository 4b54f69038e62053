// What the 8-bit passes share: the scales of a value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace saker {

// One scale and zero point for a whole tensor, or one for each channel (axis 1 of a picture).
struct Quantization {
  std::vector<float> scale;
  std::vector<std::uint8_t> zero_point;

  bool per_channel() const { return scale.size() > 1; }
  float scale_of(std::int64_t channel) const { return scale[per_channel() ? static_cast<std::size_t>(channel) : 0]; }
  std::uint8_t zero_of(std::int64_t channel) const {
    return zero_point[per_channel() ? static_cast<std::size_t>(channel) : 0];
  }
  auto operator<=>(const Quantization&) const = default;
};

// A value that is the dequantization of bytes.
struct Form {
  ValueId bytes = kNoValue;
  Quantization quantization;
};

// The node that makes a value, as producers() of the graph says; null: none does.
const Node* producer_of(const Graph& graph, const std::vector<std::int32_t>& producer, ValueId id);

// That of a QuantizeLinear or DequantizeLinear of uint8 whose parameters are constants; empty where it is another.
std::optional<Quantization> quantization_of(const Graph& graph, const Node& node);

// A QuantizeLinear of x like that; the id of its result. The node comes last: sort_nodes.
ValueId append_quantize(Graph& graph, ValueId x, const Quantization& quantization, const std::string& name);

// Operators that move or pick the elements of their data input (Concat: inputs), whatever they stand for.
bool moves_elements(const Graph& graph, const Node& node);

}  // namespace saker
