// SetLearningRateModifier, LearningRateFunctionModifier, LearningRateModifier: in place of the schedule's rates from
// where the first of them starts.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

using recipe::LearningRateFunction;

// Groups as recipes number them: normalizations, weights, biases.
constexpr std::array kKinds = {WeightKind::kNorm, WeightKind::kWeight, WeightKind::kBias};

// SparseML's functions; those with gamma are torch.optim.lr_scheduler's. `epochs` since the start, of `length`.
double rate_of(const LearningRateFunction& function, double epochs, double length, double epoch) {
  using Kind = LearningRateFunction::Kind;
  const double first = function.init_lr, range = function.final_lr - first;
  switch (function.kind) {
    case Kind::kLinear:
      return first + range * epochs / length;
    case Kind::kCosine:
      return first + range * (1 - std::cos(std::numbers::pi * epochs / length)) / 2;
    case Kind::kCyclicLinear:
      return first + range * std::fmod(epochs, function.cycle_epochs) / function.cycle_epochs;
    case Kind::kExponential:
      return first * std::pow(function.gamma, std::floor(epochs));
    case Kind::kStep:
      return first * std::pow(function.gamma, std::floor(epochs / function.cycle_epochs));
    case Kind::kMultistep:
      break;
  }
  const auto passed = std::ranges::count_if(function.milestones, [&](double milestone) { return epoch >= milestone; });
  return first * std::pow(function.gamma, static_cast<double>(passed));
}

class LearningRates final : public TrainModifier {
 public:
  explicit LearningRates(std::vector<recipe::Modifier> modifiers) : modifiers_(std::move(modifiers)) {
    std::ranges::stable_sort(modifiers_, {}, &recipe::Modifier::start_epoch);
  }

  void set_rates(double epoch, StepRates& rates) const override {
    for (const recipe::Modifier& modifier : modifiers_) {
      const double start = std::max(modifier.start_epoch, 0.0);
      if (epoch < start) continue;
      const std::vector<int>* groups = nullptr;
      double rate = 0;
      if (const auto* set = std::get_if<recipe::SetLearningRate>(&modifier.action)) {
        rate = set->learning_rate;
        groups = &set->groups;
      } else if (const auto* function = std::get_if<LearningRateFunction>(&modifier.action)) {
        // What it ends with holds on.
        const double at = modifier.end_epoch < 0 ? epoch : std::min(epoch, modifier.end_epoch);
        rate = rate_of(*function, at - start, modifier.end_epoch - start, at);
        groups = &function->groups;
      }
      for (int group = 0; groups != nullptr && group < 3; ++group) {
        if (groups->empty() || std::ranges::find(*groups, group) != groups->end())
          rates.rate[static_cast<std::size_t>(kKinds[static_cast<std::size_t>(group)])] = rate;
      }
    }
  }

 private:
  std::vector<recipe::Modifier> modifiers_;
};

}  // namespace

std::unique_ptr<TrainModifier> make_learning_rates(std::vector<recipe::Modifier> modifiers) {
  return std::make_unique<LearningRates>(std::move(modifiers));
}

}  // namespace saker::train
