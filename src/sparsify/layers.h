// The convolutions of a graph that can be pruned.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/sparse_pattern.h"
#include "graph/graph.h"
#include "quantize/patch.h"
#include "quantize/points.h"

namespace saker::sparsify {

struct PrunableLayer {
  std::size_t conv = 0, node = 0;  // of points.convs; of the graph
  std::string name;
  WeightDims dims;
};

struct PrunableLayers {
  Points points;  // the graph's, as the quantizer finds them
  std::vector<PrunableLayer> layers;
  std::vector<std::pair<std::string, std::string>> left_dense;  // convolutions, and why
  std::vector<std::size_t> asked;                               // nodes of those that were asked to stay dense
  std::vector<std::string> notes;                               // of layers whose last blocks are cut short
};

// `graph`: through the portable passes, with shapes. `keep_dense`: convolutions to leave alone; may be empty.
PrunableLayers find_layers(const Graph& graph, SparsePattern pattern,
                           const std::function<bool(const Node&)>& keep_dense);

inline const Tensor& weights_of(const Graph& graph, std::size_t node) {
  return *graph.value(graph.nodes[node].inputs[1]).constant;
}
// Zeros where the convolution, of so many filters, has none.
std::vector<double> bias_of(const Graph& graph, std::size_t node, std::int64_t filters);
inline PatchReader patches_of(const Graph& graph, std::size_t node) {
  return {graph.nodes[node].as<ConvAttrs>(), weights_of(graph, node).shape()};
}

// In place of the node's constant, under its name; others that read it keep theirs.
void replace_constant(Graph& graph, std::size_t node, std::size_t input, Tensor tensor);
// The same of a bias, of which there may be none.
Status set_bias(Graph& graph, std::size_t node, const std::vector<double>& bias);

// [out_c][in_c][taps], as graphs have weights, to [out_c][taps][in_c], and back.
std::vector<double> channels_last(const Tensor& weights, const WeightDims& dims);
Result<Tensor> channels_first(const std::vector<double>& weights, const WeightDims& dims, const Shape& shape);

}  // namespace saker::sparsify
