// ConstantPruningModifier: what is zero when it starts stays zero, as when a sparse network learns other data.
#include <algorithm>

#include "base/try.h"
#include "train/modifiers/masks.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

class ConstantPruning final : public MaskingModifier {
 public:
  explicit ConstantPruning(recipe::Modifier modifier)
      : modifier_(std::move(modifier)), params_(std::get<recipe::ConstantPruning>(modifier_.action).params) {}

  Status check(const Weights& weights) const override {
    return slots(weights).ok() ? Status() : slots(weights).error();
  }

  Status begin(const TrainParts& parts, double) override {
    if (!restored_) SAKER_TRY(take_layers(parts.weights));
    return {};
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    const bool active = modifier_.is_active(epoch);
    if (active && !held_) masks_.choose_zeros(parts.numbers);
    if (!active && held_) masks_.clear();
    held_ = active;
    masks_.apply_all(parts);
    return {};
  }

  ModifierState state() const override {
    ModifierState state;
    masks_.save(state);
    state.emplace(kHeld, tensor_of(DType::kFloat64, std::vector<double>{held_ ? 1.0 : 0.0}));
    return state;
  }

  Status restore(const Weights& weights, const ModifierState& state) override {
    SAKER_TRY(take_layers(weights));
    SAKER_ASSIGN(const std::vector<double> held, numbers_of(state, kHeld, 1));
    held_ = held[0] != 0;
    restored_ = true;
    return masks_.restore(state);
  }

 private:
  static constexpr const char* kHeld = "held";

  Result<std::vector<std::size_t>> slots(const Weights& weights) const {
    return slots_of(weights, params_, SlotsOf::kPrunable, modifier_);
  }

  Status take_layers(const Weights& weights) {
    SAKER_ASSIGN(const std::vector<std::size_t> layers, slots(weights));
    masks_.begin(weights, layers);
    return {};
  }

  recipe::Modifier modifier_;
  const std::vector<std::string>& params_;
  bool held_ = false;
};

}  // namespace

std::unique_ptr<TrainModifier> make_constant_pruning(const recipe::Modifier& modifier) {
  return std::make_unique<ConstantPruning>(modifier);
}

}  // namespace saker::train
