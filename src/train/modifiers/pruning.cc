// GMPruningModifier, MagnitudePruningModifier and GlobalMagnitudePruningModifier: sparsity that grows step by step, the
// smallest weights first (Zhu and Gupta 2017).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "train/modifiers/masks.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

constexpr double kEpochEpsilon = 1e-9;  // 4.3 - 4 is less than 0.3
constexpr const char* kProgress = "progress";

// SparseML's curves: 1 - (1 - x)^3 grows fast at first, 1 - (1 - x)^(1/3) at last.
double grown(recipe::Curve curve, double share) {
  if (curve == recipe::Curve::kCubic) return 1 - std::pow(1 - share, 3);
  if (curve == recipe::Curve::kInverseCubic) return 1 - std::cbrt(1 - share);
  return share;
}

class GradualPruning final : public MaskingModifier {
 public:
  explicit GradualPruning(recipe::Modifier modifier)
      : modifier_(std::move(modifier)),
        pruning_(std::get<recipe::Pruning>(modifier_.action)),
        start_(std::max(modifier_.start_epoch, 0.0)) {}

  Status check(const Weights& weights) const override {
    SAKER_ASSIGN(const auto tiers, tiers_of(weights));
    const bool any = std::ranges::any_of(tiers, [](const auto& tier) { return !tier.empty(); });
    if (any) return {};
    return recipe::error_at(modifier_, "mask_type",
                            fmt::format("no layer has channels for whole blocks of {}", name_of(pruning_.pattern)));
  }

  std::vector<std::string> notes(const Weights& weights) const override {
    std::vector<std::string> notes;
    for (const recipe::Pruning::Tier& tier : pruning_.tiers) {
      const auto slots = slots_of(weights, tier.params, SlotsOf::kPrunable, modifier_);
      if (!slots) continue;
      for (std::string& note : notes_of(weights, *slots, pruning_.pattern)) notes.push_back(std::move(note));
    }
    return notes;
  }

  Status begin(const TrainParts& parts, double) override {
    SAKER_TRY(take_layers(parts.weights));
    masks_.apply_all(parts);
    return {};
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    if (done_ || epoch < start_ - kEpochEpsilon) return {};
    // The last batch before the end is the last that learns with all of the sparsity at hand.
    const bool last = epoch + 1 / static_cast<double>(parts.batches) >= modifier_.end_epoch - kEpochEpsilon;
    const double frequency = pruning_.update_frequency;
    const double update = frequency > 0 ? std::floor((epoch - start_ + kEpochEpsilon) / frequency) : epoch;
    if (!last && update <= last_update_) return {};
    last_update_ = update;
    const double length = modifier_.end_epoch - start_;
    SAKER_TRY(prune(parts.numbers, last || length <= 0 ? 1 : std::clamp((epoch - start_) / length, 0.0, 1.0)));
    masks_.apply_all(parts);
    done_ = last;
    if (done_ && !pruning_.leave_enabled) masks_.clear();
    return {};
  }

  bool is_settled(double epoch) const override { return epoch >= modifier_.end_epoch - kEpochEpsilon; }

  ModifierState state() const override {
    ModifierState state;
    masks_.save(state);
    std::vector<double> progress = {last_update_, done_ ? 1.0 : 0.0};
    progress.insert(progress.end(), first_.begin(), first_.end());
    state.emplace(kProgress, tensor_of(DType::kFloat64, std::move(progress)));
    return state;
  }

  Status restore(const Weights& weights, const ModifierState& state) override {
    SAKER_TRY(take_layers(weights));
    SAKER_ASSIGN(const std::vector<double> progress, numbers_of(state, kProgress, 2));
    last_update_ = progress[0];
    done_ = progress[1] != 0;
    first_.assign(progress.begin() + 2, progress.end());
    if (!first_.empty() && first_.size() != masks_.layers())
      return recipe::error_at(modifier_, "", "the run to go on with pruned other layers");
    restored_ = true;
    return masks_.restore(state);
  }

  Status apply_at_once(const Weights& weights, std::span<float> numbers) override {
    SAKER_TRY(take_layers(weights));
    SAKER_TRY(prune(numbers, 1));
    masks_.apply(numbers);
    return {};
  }

 private:
  // The slots of each tier; one that an earlier tier has, too, is that one's, as in SparseML.
  Result<std::vector<std::vector<std::size_t>>> tiers_of(const Weights& weights) const {
    std::vector<std::vector<std::size_t>> tiers;
    std::vector<bool> taken(weights.slots().size());
    for (const recipe::Pruning::Tier& tier : pruning_.tiers) {
      SAKER_ASSIGN(const std::vector<std::size_t> slots, slots_of(weights, tier.params, SlotsOf::kPrunable, modifier_));
      std::vector<std::size_t> own;
      for (const std::size_t slot : expressible(weights, slots, pruning_.pattern)) {
        if (!taken[slot]) own.push_back(slot);
        taken[slot] = true;
      }
      tiers.push_back(std::move(own));
    }
    return tiers;
  }

  Status take_layers(const Weights& weights) {
    if (restored_) return {};
    SAKER_ASSIGN(const auto tiers, tiers_of(weights));
    std::vector<std::size_t> slots;
    layers_.clear();
    for (const std::vector<std::size_t>& tier : tiers) {
      layers_.emplace_back();
      for (const std::size_t slot : tier) {
        layers_.back().push_back(slots.size());
        slots.push_back(slot);
      }
    }
    masks_.begin(weights, slots);
    return {};
  }

  // `share` of the way from the first sparsity to the last.
  Status prune(std::span<const float> numbers, double share) {
    if (first_.empty()) {
      for (std::size_t i = 0; i < masks_.layers(); ++i) {
        const bool own = pruning_.init_sparsity == recipe::Pruning::kFromParam;
        first_.push_back(own ? masks_.zeros(i, numbers) : pruning_.init_sparsity);
      }
    }
    for (std::size_t tier = 0; tier < layers_.size(); ++tier) {
      const double final = pruning_.tiers[tier].final_sparsity;
      const auto sparsity = [&](std::size_t layer) {
        return first_[layer] + (final - first_[layer]) * grown(pruning_.curve, share);
      };
      if (pruning_.global) {
        double sum = 0;
        for (const std::size_t layer : layers_[tier]) sum += sparsity(layer);
        SAKER_TRY(
            choose(numbers, layers_[tier], sum / static_cast<double>(std::max<std::size_t>(layers_[tier].size(), 1))));
        continue;
      }
      for (const std::size_t& layer : layers_[tier]) SAKER_TRY(choose(numbers, {&layer, 1}, sparsity(layer)));
    }
    return {};
  }

  Status choose(std::span<const float> numbers, std::span<const std::size_t> layers, double sparsity) {
    const Status chosen = masks_.choose(numbers, layers, pruning_.pattern, sparsity);
    if (chosen.ok()) return {};
    return recipe::error_at(modifier_, "", chosen.error().message);
  }

  recipe::Modifier modifier_;
  const recipe::Pruning& pruning_;
  double start_;
  std::vector<std::vector<std::size_t>> layers_;  // of masks_, by tier
  std::vector<double> first_;                     // sparsity of each layer at the start
  double last_update_ = -1;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<TrainModifier> make_pruning(const recipe::Modifier& modifier) {
  return std::make_unique<GradualPruning>(modifier);
}

}  // namespace saker::train
