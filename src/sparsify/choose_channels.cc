#include "sparsify/choose_channels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/statistics.h"

namespace saker::sparsify {
namespace {

constexpr std::size_t kTogether = 8;

// What is left of a convolution.
struct Extents {
  std::int64_t filters = 0, inputs = 0, taps = 0;
  std::int64_t weights() const { return filters * inputs * taps; }
};

struct Chunk {
  std::vector<std::size_t> sets;
  double worth = 0;  // of each weight that goes
};

class Chooser {
 public:
  Chooser(const Graph& graph, const Channels& channels, const PrunableLayers& found, const std::vector<double>& effects)
      : graph_(graph), channels_(channels), asked_(found.asked.begin(), found.asked.end()) {
    const double usual = effects.empty() ? 1 : mean_of(effects);
    for (const QuantizedConv& conv : found.points.convs) {
      const Shape& shape = weights_of(graph, conv.node).shape();
      left_[conv.node] = {shape[0], shape[1], shape[2] * shape[3]};
      effect_[conv.node] = usual;
    }
    for (std::size_t i = 0; i < effects.size(); ++i) effect_[found.layers[i].node] = effects[i];
    for (const PrunableLayer& layer : found.layers) may_change_.insert(layer.node);
  }

  std::vector<bool> run(double sparsity) {
    std::vector<bool> gone(channels_.sets.size(), false);
    std::vector<Chunk> all = chunks(sparsity);
    std::ranges::stable_sort(all, [](const Chunk& a, const Chunk& b) { return a.worth < b.worth; });
    const std::int64_t target = std::llround((1 - sparsity) * static_cast<double>(weights_left()));
    for (const Chunk& chunk : all) {
      if (weights_left() <= target) break;
      for (const std::size_t set : chunk.sets) {
        gone[set] = true;
        for (const ConvChannel& filter : channels_.sets[set].made) --left_[filter.node].filters;
        for (const ConvChannel& input : channels_.sets[set].read) --left_[input.node].inputs;
      }
    }
    return gone;
  }

 private:
  std::int64_t weights_left() const {
    return std::accumulate(left_.begin(), left_.end(), std::int64_t{0},
                           [](std::int64_t sum, const auto& conv) { return sum + conv.second.weights(); });
  }

  // Its readers can make up for it, and its makers were not asked to stay as they are.
  bool may_go(const ChannelSet& set) const {
    return !set.read.empty() && std::ranges::all_of(set.read, [&](auto at) { return may_change_.contains(at.node); }) &&
           std::ranges::all_of(set.made, [&](auto at) { return left_.contains(at.node) && !asked_.contains(at.node); });
  }

  double squares(const ConvChannel& input) const {
    const Tensor& weights = weights_of(graph_, input.node);
    const Shape& shape = weights.shape();
    const std::int64_t taps = shape[2] * shape[3];
    double sum = 0;
    for (std::int64_t o = 0; o < shape[0]; ++o) {
      const float* own = weights.data<float>() + (o * shape[1] + input.channel) * taps;
      for (std::int64_t t = 0; t < taps; ++t) sum += static_cast<double>(own[t]) * static_cast<double>(own[t]);
    }
    return sum;
  }

  double worth(const ChannelSet& set) const {
    double lost = 0, weights = 0;
    for (const ConvChannel& input : set.read) {
      lost += effect_.at(input.node) * squares(input);
      weights += static_cast<double>(left_.at(input.node).filters * left_.at(input.node).taps);
    }
    for (const ConvChannel& filter : set.made)
      weights += static_cast<double>(left_.at(filter.node).inputs * left_.at(filter.node).taps);
    return lost / std::max(weights, 1.0);
  }

  // Of each family of channels, made by the same convolutions, the worthless first.
  std::vector<Chunk> chunks(double sparsity) const {
    std::map<std::vector<std::size_t>, std::vector<std::pair<double, std::size_t>>> families;
    for (std::size_t s = 0; s < channels_.sets.size(); ++s) {
      if (!may_go(channels_.sets[s])) continue;
      std::vector<std::size_t> makers;
      for (const ConvChannel& filter : channels_.sets[s].made) makers.push_back(filter.node);
      families[makers].emplace_back(worth(channels_.sets[s]), s);
    }
    std::vector<Chunk> result;
    for (auto& [makers, sets] : families) {
      std::ranges::sort(sets);
      // As in share_out: what is measured of one alone says little of a layer that is nearly gone.
      const auto least = static_cast<std::size_t>(std::ceil(0.25 * (1 - sparsity) * static_cast<double>(sets.size())));
      const std::size_t stay = std::max(kTogether, least);
      for (std::size_t i = 0; i + kTogether + stay <= sets.size(); i += kTogether) {
        Chunk& chunk = result.emplace_back();
        for (std::size_t k = i; k < i + kTogether; ++k) {
          chunk.sets.push_back(sets[k].second);
          chunk.worth += sets[k].first / kTogether;
        }
      }
    }
    return result;
  }

  const Graph& graph_;
  const Channels& channels_;
  std::map<std::size_t, Extents> left_;
  std::map<std::size_t, double> effect_;
  std::set<std::size_t> may_change_, asked_;
};

}  // namespace

std::vector<bool> choose_channels(const Graph& graph, const Channels& channels, const PrunableLayers& found,
                                  const std::vector<double>& effects, double sparsity) {
  return Chooser(graph, channels, found, effects).run(sparsity);
}

}  // namespace saker::sparsify
