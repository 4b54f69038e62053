// One-shot pruning: a float graph in, the same with most of its weights zero out, without training.
// Before: model/ and the portable passes (prepare_float_graph). After: the quantizer, or model/onnx/exporter.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/sparse_pattern.h"
#include "graph/graph.h"
#include "quantize/calibrate.h"

namespace saker::sparsify {

enum class Method : std::uint8_t {
  kMagnitude,  // the smallest weights go
  kObs,        // what changes least goes, and what stays makes up for it (obs.h)
};

struct SparsifyOptions {
  SparsePattern pattern = SparsePattern::k4x4;
  double sparsity = 0.5;  // of the pruned layers' weights; of kTwoOfFour it is its own
  Method method = Method::kObs;
  bool uniform = false;                         // every layer the same, instead of by what pruning it does
  std::function<bool(const Node&)> keep_dense;  // convolutions to leave alone; empty: none
  int threads = 1;
  std::function<void(std::size_t done, std::size_t total)> progress;  // runs of the model; may be empty
};

struct SparseLayer {
  std::size_t node = 0;  // of the graph
  std::string name;
  WeightDims dims;
  double sparsity = 0;  // share of zeros
  double effect = 0;    // what pruning it alone is thought to do to the model's results; 0 without pictures
  double error = 0;     // of what it computes, relative to its variance (kObs)
};

struct Sparsified {
  Graph graph;
  std::vector<SparseLayer> layers;
  std::vector<std::pair<std::string, std::string>> left_dense;  // convolutions, and why
  std::vector<std::string> notes;
};

// `graph` as find_points takes it. `pictures` may be null: then by magnitude, every layer the same, biases as they are.
// Layers are pruned in the order in which they are computed, and each is shown what those before it make of the
// pictures once they are pruned, so that it can make up for their errors in the mean. Errors kInvalid: a sparsity
// outside 0..1, kObs without pictures, numbers that are not finite, no layer to prune.
Result<Sparsified> sparsify(const Graph& graph, const SparsifyOptions& options, const PictureFeed* pictures);

// The layers whose flags are set with their weights and biases as `dense`, which `sparse` was made of, has them.
Graph with_dense_layers(const Sparsified& sparse, const Graph& dense, const std::vector<bool>& flags);

}  // namespace saker::sparsify
