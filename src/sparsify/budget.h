// How much of each layer goes: by how much pruning it alone changes what the model computes.
#pragma once

#include <saker/result.h>

#include <functional>
#include <vector>

#include "quantize/calibrate.h"
#include "sparsify/layers.h"

namespace saker::sparsify {

// Weights of the least magnitude zero, as many as `sparsity` says.
Result<Tensor> prune_by_magnitude(const Tensor& weights, const WeightDims& dims, SparsePattern pattern,
                                  double sparsity);

// The squares of the weights that have gone.
double lost_squares(const Tensor& weights, const Tensor& pruned);

// Of each layer's inputs and outputs, over the pictures.
struct LayerMeans {
  std::vector<double> inputs;   // [taps][in_c]
  std::vector<double> outputs;  // [out_c]
};
// What the filters add to their mean outputs: weights [out_c][in_c][taps].
std::vector<double> mean_products(const Tensor& weights, const WeightDims& dims, const std::vector<double>& inputs);

// The error of the last convolutions' results (quantize/probe.h) with this layer alone pruned by magnitude, its bias
// corrected, on a few of the pictures. For each layer.
Result<std::vector<double>> measure_effects(const Graph& graph, const PrunableLayers& found, SparsePattern pattern,
                                            double sparsity, const std::vector<LayerMeans>& means,
                                            const PictureFeed& pictures, int threads,
                                            const std::function<void()>& layer_done);

// The sparsity of each layer, `sparsity` of all their weights. A layer's error is taken to grow with the squares of the
// weights that go, and `effects` say how fast: then the least sum of errors is one threshold for all. Empty effects:
// every layer the same.
Result<std::vector<double>> share_out(const Graph& graph, const PrunableLayers& found, SparsePattern pattern,
                                      double sparsity, const std::vector<double>& effects);

}  // namespace saker::sparsify
