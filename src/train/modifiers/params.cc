// TrainableParamsModifier and SetParamModifier: weights that stay as they are for a while, or become other ones.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

class TrainableParams final : public TrainModifier {
 public:
  explicit TrainableParams(recipe::Modifier modifier)
      : modifier_(std::move(modifier)), action_(std::get<recipe::TrainableParams>(modifier_.action)) {}

  Status check(const Weights& weights) const override {
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(weights));
    for (const std::size_t slot : slots) {
      const WeightSlot& one = weights.slots()[slot];
      if (action_.trainable && one.kind == WeightKind::kFixed && is_prunable(one))
        return recipe::error_at(modifier_, "trainable", fmt::format("{} is frozen for the whole training", one.name));
    }
    return {};
  }

  Status begin(const TrainParts& parts, double) override {
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(parts.weights));
    for (const std::size_t slot : slots) {
      const WeightSlot& one = parts.weights.slots()[slot];
      if (!action_.trainable && one.kind != WeightKind::kFixed) held_.push_back({one.offset, one.count, {}});
    }
    return {};
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    const bool active = modifier_.is_active(epoch);
    for (Held& held : held_) {
      const auto now = parts.numbers.subspan(held.offset, held.count);
      if (active && held.numbers.empty()) held.numbers.assign(now.begin(), now.end());
      if (!active) held.numbers.clear();
    }
    return {};
  }

  Status before_step(const TrainParts& parts) override {
    for (const Held& held : held_) {
      if (!held.numbers.empty()) std::ranges::fill(parts.gradients.subspan(held.offset, held.count), 0.0F);
    }
    return {};
  }

  // Momentum and weight decay have moved them.
  Status after_step(const TrainParts& parts) override {
    for (const Held& held : held_) {
      if (held.numbers.empty()) continue;
      std::ranges::copy(held.numbers, parts.numbers.begin() + static_cast<std::ptrdiff_t>(held.offset));
      std::ranges::fill(parts.optimizer.first().subspan(held.offset, held.count), 0.0F);
    }
    return {};
  }

 private:
  struct Held {
    std::size_t offset, count;
    std::vector<float> numbers;  // as they stay; empty: they learn
  };

  Result<std::vector<std::size_t>> slots(const Weights& weights) const {
    return slots_of(weights, action_.params, SlotsOf::kWeights, modifier_, action_.strict);
  }

  recipe::Modifier modifier_;
  const recipe::TrainableParams& action_;
  std::vector<Held> held_;
};

class SetParam final : public TrainModifier {
 public:
  explicit SetParam(recipe::Modifier modifier)
      : modifier_(std::move(modifier)), action_(std::get<recipe::SetParam>(modifier_.action)) {}

  Status check(const Weights& weights) const override {
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(weights));
    for (const std::size_t slot : slots) {
      const WeightSlot& one = weights.slots()[slot];
      if (action_.values.size() != 1 && action_.values.size() != one.count)
        return recipe::error_at(modifier_, "val",
                                fmt::format("{} values, and {} has {}", action_.values.size(), one.name, one.count));
    }
    return {};
  }

  Status begin(const TrainParts& parts, double epoch) override {
    // A run that goes on has had its first batch after the start.
    const double batch_before = epoch - 1 / static_cast<double>(parts.batches);
    done_ = batch_before >= std::max(modifier_.start_epoch, 0.0);
    return {};
  }

  Status before_batch(const TrainParts& parts, double epoch) override {
    if (done_ || epoch < modifier_.start_epoch) return {};
    done_ = true;
    SAKER_TRY(apply_at_once(parts.weights, parts.numbers));
    return apply_at_once(parts.weights, parts.average);
  }

  Status apply_at_once(const Weights& weights, std::span<float> numbers) override {
    SAKER_ASSIGN(const std::vector<std::size_t> slots, this->slots(weights));
    for (const std::size_t slot : slots) {
      const WeightSlot& one = weights.slots()[slot];
      std::vector<float> rows(one.count, static_cast<float>(action_.values.front()));
      if (action_.values.size() > 1)
        std::ranges::transform(action_.values, rows.begin(), [](double value) { return static_cast<float>(value); });
      Weights::from_rows(one, rows.data(), numbers.data() + one.offset);
    }
    return {};
  }

 private:
  Result<std::vector<std::size_t>> slots(const Weights& weights) const {
    return slots_of(weights, action_.params, SlotsOf::kWeights, modifier_, action_.strict);
  }

  recipe::Modifier modifier_;
  const recipe::SetParam& action_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<TrainModifier> make_trainable_params(const recipe::Modifier& modifier) {
  return std::make_unique<TrainableParams>(modifier);
}

std::unique_ptr<TrainModifier> make_set_param(const recipe::Modifier& modifier) {
  return std::make_unique<SetParam>(modifier);
}

}  // namespace saker::train
