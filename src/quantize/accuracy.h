// The accuracy bound: the layers that hurt most go back to float until the model is good enough.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "quantize/probe.h"
#include "quantize/quantize.h"

namespace saker {

// How good a graph is, such as its AP on some data: higher is better. Whoever asks for the bound measures it.
using Evaluate = std::function<Result<double>(const Graph&)>;

// Layers by the error that they bring about in the last ones, the worst first.
std::vector<std::size_t> worst_first(const std::vector<LayerSensitivity>& layers);

// As few of `layers` as must go back to what they were for a score of `least`: twice as many each time, then halving
// the difference. score(count): with so many of the worst gone back. Error kUnsupported, `state` in its words ("in 8
// bits"): no layer may stay as it has become.
Result<std::size_t> fewest_reverted(std::size_t layers, double least, const char* state,
                                    const std::function<Result<double>(std::size_t count)>& score);

// Layers that went back to float.
struct Reverted {
  Quantized quantized;
  std::vector<bool> in_float;  // for each of quantizer.points().convs
  std::size_t count = 0;
  double score = 0;
};

// As few of the worst layers as bring the score to `least` (fewest_reverted). `tried` is told of each attempt; may be
// empty.
Result<Reverted> revert_worst(const Quantizer& quantizer, const std::vector<LayerSensitivity>& layers,
                              const Evaluate& evaluate, double least,
                              const std::function<void(const Reverted&)>& tried);

// What the `count` worst of the layers in 8 bits cost: the score with that one in float too, less `score`.
Result<std::vector<std::pair<std::size_t, double>>> measure_costs(const Quantizer& quantizer,
                                                                  const std::vector<LayerSensitivity>& layers,
                                                                  const std::vector<bool>& in_float, std::size_t count,
                                                                  const Evaluate& evaluate, double score);

}  // namespace saker
