#include "quantize/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/try.h"

namespace saker {

std::vector<std::size_t> worst_first(const std::vector<LayerSensitivity>& layers) {
  std::vector<std::size_t> order(layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return layers[a].last > layers[b].last; });
  return order;
}

Result<std::size_t> fewest_reverted(std::size_t layers, double least, const char* state,
                                    const std::function<Result<double>(std::size_t count)>& score) {
  std::size_t too_few = 0, enough = 0;
  while (enough == 0) {
    if (too_few + 1 >= layers) {
      return Error{ErrorCode::kUnsupported,
                   fmt::format("`max_drop`: AP {:.4f} is not reached with any layer {}; allow more", least, state),
                   "max_drop"};
    }
    const std::size_t count = std::min(std::max<std::size_t>(2 * too_few, 1), layers - 1);
    SAKER_ASSIGN(const double reached, score(count));
    (reached >= least ? enough : too_few) = count;
  }
  while (enough > too_few + 1) {
    const std::size_t middle = (too_few + enough) / 2;
    SAKER_ASSIGN(const double reached, score(middle));
    (reached >= least ? enough : too_few) = middle;
  }
  return enough;
}

Result<Reverted> revert_worst(const Quantizer& quantizer, const std::vector<LayerSensitivity>& layers,
                              const Evaluate& evaluate, double least,
                              const std::function<void(const Reverted&)>& tried) {
  const std::vector<std::size_t> order = worst_first(layers);
  Reverted best;  // of those that reach it the last, which is the one with the fewest
  const auto score = [&](std::size_t count) -> Result<double> {
    Reverted reverted;
    reverted.count = count;
    reverted.in_float.assign(layers.size(), false);
    for (std::size_t i = 0; i < count; ++i) reverted.in_float[order[i]] = true;
    SAKER_ASSIGN(reverted.quantized, quantizer.run(reverted.in_float));
    SAKER_ASSIGN(reverted.score, evaluate(reverted.quantized.graph));
    if (tried) tried(reverted);
    const double reached = reverted.score;
    if (reached >= least) best = std::move(reverted);
    return reached;
  };
  SAKER_TRY(fewest_reverted(layers.size(), least, "in 8 bits", score));
  return best;
}

Result<std::vector<std::pair<std::size_t, double>>> measure_costs(const Quantizer& quantizer,
                                                                  const std::vector<LayerSensitivity>& layers,
                                                                  const std::vector<bool>& in_float, std::size_t count,
                                                                  const Evaluate& evaluate, double score) {
  std::vector<std::size_t> worst = worst_first(layers);
  std::erase_if(worst, [&](std::size_t layer) { return in_float[layer]; });
  worst.resize(std::min(worst.size(), count));
  std::vector<std::pair<std::size_t, double>> costs;
  for (const std::size_t layer : worst) {
    std::vector<bool> without = in_float;
    without[layer] = true;
    SAKER_ASSIGN(const Quantized quantized, quantizer.run(without));
    SAKER_ASSIGN(const double own, evaluate(quantized.graph));
    costs.emplace_back(layer, own - score);
  }
  return costs;
}

}  // namespace saker
