#include "sparsify/budget.h"

#include <algorithm>
#include <cmath>

#include "base/statistics.h"
#include "base/try.h"
#include "quantize/probe.h"
#include "sparsify/mask.h"

namespace saker::sparsify {
namespace {

constexpr std::size_t kPictures = 16;  // that effects are measured on

// A layer keeps at least this part of what it would keep if all kept the same: what is measured of one layer alone
// says little of a layer that is nearly gone.
constexpr double kLeastKept = 0.25;

// What an effect is measured by is at least this part of a layer's squares: weights that training has left at next to
// nothing (half of some layers of YOLOv8n) say nothing of the others.
constexpr double kLeastLost = 0.01;

std::vector<float> squares(const Tensor& weights, double factor) {
  std::vector<float> result(static_cast<std::size_t>(weights.elements()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double w = static_cast<double>(weights.data<float>()[i]);
    result[i] = static_cast<float>(factor * w * w);
  }
  return result;
}

double sum_of_squares(const Tensor& weights) {
  double sum = 0;
  for (std::int64_t i = 0; i < weights.elements(); ++i)
    sum += static_cast<double>(weights.data<float>()[i]) * static_cast<double>(weights.data<float>()[i]);
  return sum;
}

// So many weights, or as many more as an effect takes.
Result<Tensor> prune_for_effect(const Tensor& weights, const WeightDims& dims, SparsePattern pattern, double sparsity) {
  constexpr double kNearlyAll = 0.99;
  const double least = kLeastLost * sum_of_squares(weights);
  for (double share = sparsity;; share = (1 + share) / 2) {
    SAKER_ASSIGN(Tensor pruned, prune_by_magnitude(weights, dims, pattern, share));
    if (lost_squares(weights, pruned) >= least || share > kNearlyAll || pattern == SparsePattern::kTwoOfFour) {
      return pruned;
    }
  }
}

}  // namespace

Result<Tensor> prune_by_magnitude(const Tensor& weights, const WeightDims& dims, SparsePattern pattern,
                                  double sparsity) {
  std::vector<float> magnitudes(static_cast<std::size_t>(weights.elements()));
  for (std::size_t i = 0; i < magnitudes.size(); ++i) magnitudes[i] = std::fabs(weights.data<float>()[i]);
  SAKER_ASSIGN(const Mask mask, choose_mask({magnitudes, dims}, pattern, sparsity));
  SAKER_ASSIGN(Tensor pruned, Tensor::make(DType::kFloat32, weights.shape()));
  for (std::size_t i = 0; i < mask.size(); ++i)
    pruned.data<float>()[i] = mask[i] == 0 ? 0.0F : weights.data<float>()[i];
  return pruned;
}

double lost_squares(const Tensor& weights, const Tensor& pruned) {
  double sum = 0;
  for (std::int64_t i = 0; i < weights.elements(); ++i) {
    const double w = static_cast<double>(weights.data<float>()[i]);
    if (pruned.data<float>()[i] == 0) sum += w * w;
  }
  return sum;
}

std::vector<double> mean_products(const Tensor& weights, const WeightDims& dims, const std::vector<double>& inputs) {
  std::vector<double> result(static_cast<std::size_t>(dims.out_c), 0);
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t c = 0; c < dims.in_c; ++c) {
      for (std::int64_t t = 0; t < dims.taps; ++t) {
        const double w = static_cast<double>(weights.data<float>()[(o * dims.in_c + c) * dims.taps + t]);
        result[static_cast<std::size_t>(o)] += w * inputs[static_cast<std::size_t>(t * dims.in_c + c)];
      }
    }
  }
  return result;
}

Result<std::vector<double>> measure_effects(const Graph& graph, const PrunableLayers& found, SparsePattern pattern,
                                            double sparsity, const std::vector<LayerMeans>& means,
                                            const PictureFeed& pictures, int threads,
                                            const std::function<void()>& layer_done) {
  SAKER_ASSIGN(const Probe probe,
               Probe::create(graph, found.points, ProbedLayers::kLast, pictures, kPictures, threads));
  std::vector<double> effects;
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    const PrunableLayer& layer = found.layers[i];
    const Tensor& dense = weights_of(graph, layer.node);
    SAKER_ASSIGN(const Tensor pruned, prune_for_effect(dense, layer.dims, pattern, sparsity));
    const std::vector<double> before = mean_products(dense, layer.dims, means[i].inputs);
    const std::vector<double> after = mean_products(pruned, layer.dims, means[i].inputs);
    std::vector<double> bias = bias_of(graph, layer.node, layer.dims.out_c);
    for (std::size_t o = 0; o < bias.size(); ++o) bias[o] += before[o] - after[o];
    Graph alone = graph;
    replace_constant(alone, layer.node, 1, pruned);
    SAKER_TRY(set_bias(alone, layer.node, bias));
    SAKER_ASSIGN(const double effect, probe.error(alone));
    // Per square that went: those of a layer add up.
    effects.push_back(effect / std::max(lost_squares(dense, pruned), 1e-30));
    if (layer_done) layer_done();
  }
  return effects;
}

Result<std::vector<double>> share_out(const Graph& graph, const PrunableLayers& found, SparsePattern pattern,
                                      double sparsity, const std::vector<double>& effects) {
  if (effects.empty()) return std::vector<double>(found.layers.size(), sparsity);
  std::vector<std::vector<float>> scores;
  std::vector<LayerScores> layers;
  const double most = 1 - kLeastKept * (1 - sparsity);
  const double unit = 1 / std::max(mean_of(effects), 1e-30);  // so that scores are floats
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    scores.push_back(squares(weights_of(graph, found.layers[i].node), effects[i] * unit));
    layers.push_back({scores.back(), found.layers[i].dims, most});
  }
  SAKER_ASSIGN(const std::vector<Mask> masks, choose_masks(layers, pattern, sparsity));
  std::vector<double> result;
  for (const Mask& mask : masks) result.push_back(share_of_zeros(mask));
  return result;
}

}  // namespace saker::sparsify
