// ACDCPruningModifier: phases of dense and of sparse training by turns, the first dense, the last sparse (Peste,
// Iofinova, Vladu, Alistarh 2021).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "train/modifiers/masks.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

constexpr double kEpochEpsilon = 1e-9;
constexpr const char* kPhase = "phase";

class AcdcPruning final : public MaskingModifier {
 public:
  explicit AcdcPruning(recipe::Modifier modifier)
      : modifier_(std::move(modifier)),
        pruning_(std::get<recipe::AcdcPruning>(modifier_.action)),
        start_(std::max(modifier_.start_epoch, 0.0)) {
    // A dense phase at the end is left out.
    const double phases = std::ceil((modifier_.end_epoch - start_) / pruning_.update_frequency - kEpochEpsilon);
    const bool ends_dense = std::fmod(phases, 2) == 1;
    end_ = ends_dense ? start_ + (phases - 1) * pruning_.update_frequency : modifier_.end_epoch;
  }

  Status check(const Weights& weights) const override {
    if (end_ <= start_) return recipe::error_at(modifier_, "update_frequency", "it ends before its first sparse phase");
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(weights));
    if (!expressible(weights, slots, pruning_.pattern).empty()) return {};
    return recipe::error_at(modifier_, "mask_type",
                            fmt::format("no layer has channels for whole blocks of {}", name_of(pruning_.pattern)));
  }

  std::vector<std::string> notes(const Weights& weights) const override {
    const auto slots = this->slots(weights);
    return slots ? notes_of(weights, *slots, pruning_.pattern) : std::vector<std::string>();
  }

  Status begin(const TrainParts& parts, double) override {
    if (!restored_) SAKER_TRY(take_layers(parts.weights));
    return {};
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    if (epoch < start_ - kEpochEpsilon) return {};
    if (epoch >= end_ - kEpochEpsilon) {
      if (!pruning_.leave_enabled) masks_.clear();
      return {};
    }
    const double phase = std::floor((epoch - start_ + kEpochEpsilon) / pruning_.update_frequency);
    if (phase == phase_) return {};
    const bool was_sparse = std::fmod(phase_, 2) == 1;
    phase_ = phase;
    if (std::fmod(phase, 2) == 1) {
      SAKER_TRY(prune(parts.numbers));
      masks_.apply_all(parts);
    } else {
      masks_.clear();
      if (was_sparse && pruning_.momentum_buffer_reset) std::ranges::fill(parts.optimizer.first(), 0.0F);
    }
    return {};
  }

  bool is_settled(double epoch) const override { return epoch >= end_ - kEpochEpsilon; }

  ModifierState state() const override {
    ModifierState state;
    masks_.save(state);
    state.emplace(kPhase, tensor_of(DType::kFloat64, std::vector<double>{phase_}));
    return state;
  }

  Status restore(const Weights& weights, const ModifierState& state) override {
    SAKER_TRY(take_layers(weights));
    SAKER_ASSIGN(const std::vector<double> phase, numbers_of(state, kPhase, 1));
    phase_ = phase[0];
    restored_ = true;
    return masks_.restore(state);
  }

  Status apply_at_once(const Weights& weights, std::span<float> numbers) override {
    SAKER_TRY(take_layers(weights));
    SAKER_TRY(prune(numbers));
    masks_.apply(numbers);
    return {};
  }

 private:
  Result<std::vector<std::size_t>> slots(const Weights& weights) const {
    return slots_of(weights, pruning_.params, SlotsOf::kPrunable, modifier_);
  }

  Status take_layers(const Weights& weights) {
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(weights));
    masks_.begin(weights, expressible(weights, slots, pruning_.pattern));
    return {};
  }

  Status prune(std::span<const float> numbers) {
    const std::vector<std::size_t> layers = all_of(masks_.layers());
    const std::size_t together = pruning_.global ? layers.size() : 1;
    for (std::size_t i = 0; i < layers.size(); i += together) {
      const Status chosen = masks_.choose(numbers, std::span(layers).subspan(i, together), pruning_.pattern,
                                          pruning_.compression_sparsity);
      if (!chosen.ok()) return recipe::error_at(modifier_, "", chosen.error().message);
    }
    return {};
  }

  recipe::Modifier modifier_;
  const recipe::AcdcPruning& pruning_;
  double start_, end_;
  double phase_ = -1;
};

}  // namespace

std::unique_ptr<TrainModifier> make_acdc_pruning(const recipe::Modifier& modifier) {
  return std::make_unique<AcdcPruning>(modifier);
}

}  // namespace saker::train
