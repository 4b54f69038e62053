#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "recipe/check.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

// Of each kind of action its maker; learning rates go together, and a range of epochs does nothing here.
struct Make {
  const recipe::Modifier& modifier;
  const Teaching& teaching;

  std::unique_ptr<TrainModifier> operator()(const recipe::SetWeightDecay&) const { return make_weight_decay(modifier); }
  std::unique_ptr<TrainModifier> operator()(const recipe::TrainableParams&) const {
    return make_trainable_params(modifier);
  }
  std::unique_ptr<TrainModifier> operator()(const recipe::SetParam&) const { return make_set_param(modifier); }
  std::unique_ptr<TrainModifier> operator()(const recipe::Pruning&) const { return make_pruning(modifier); }
  std::unique_ptr<TrainModifier> operator()(const recipe::ConstantPruning&) const {
    return make_constant_pruning(modifier);
  }
  std::unique_ptr<TrainModifier> operator()(const recipe::AcdcPruning&) const { return make_acdc_pruning(modifier); }
  std::unique_ptr<TrainModifier> operator()(const recipe::OutputDistillation&) const {
    return make_output_distillation(modifier, teaching);
  }
  std::unique_ptr<TrainModifier> operator()(const recipe::LayerDistillation&) const {
    return make_layer_distillation(modifier, teaching);
  }
  std::unique_ptr<TrainModifier> operator()(const recipe::Quantization&) const { return make_quantization(modifier); }
  template <typename Other>
  std::unique_ptr<TrainModifier> operator()(const Other&) const {
    return nullptr;
  }
};

template <typename... Actions>
bool is_any(const recipe::Modifier& modifier) {
  return (std::holds_alternative<Actions>(modifier.action) || ...);
}

}  // namespace

Result<TrainModifiers> make_modifiers(const recipe::Recipe& recipe, const Teaching& teaching) {
  TrainModifiers modifiers;
  std::vector<recipe::Modifier> rates;
  for (const recipe::Modifier& modifier : recipe.modifiers) {
    if (is_any<recipe::SetLearningRate, recipe::LearningRateFunction>(modifier)) rates.push_back(modifier);
    if (is_any<recipe::EpochRange, recipe::SetLearningRate, recipe::LearningRateFunction>(modifier)) continue;
    auto made = std::visit(Make{modifier, teaching}, modifier.action);
    if (made == nullptr) {
      const Error error = recipe::error_at(modifier, "", "this build of saker does not have it");
      return Error{ErrorCode::kUnsupported, error.message};
    }
    modifiers.push_back(std::move(made));
  }
  if (!rates.empty()) modifiers.push_back(make_learning_rates(std::move(rates)));
  return modifiers;
}

Status check_modifiers(const recipe::Recipe& recipe, const TrainModifiers& modifiers, const Weights& weights) {
  for (const auto& modifier : modifiers) SAKER_TRY(modifier->check(weights));
  std::vector<std::vector<const recipe::Modifier*>> pruners(weights.slots().size());
  for (const recipe::Modifier& modifier : recipe.modifiers) {
    SAKER_ASSIGN(const std::vector<std::size_t> slots,
                 slots_of(weights, recipe::pruned_params(modifier), SlotsOf::kPrunable, modifier));
    for (const std::size_t slot : slots) {
      for (const recipe::Modifier* other : pruners[slot]) {
        if (recipe::overlap(*other, modifier))
          return recipe::error_at(modifier, modifier.lines.contains("params") ? "params" : "final_sparsity",
                                  fmt::format("{} is pruned by the {} of line {} too", weights.slots()[slot].name,
                                              other->type, other->line));
      }
      pruners[slot].push_back(&modifier);
    }
  }
  return {};
}

}  // namespace saker::train
