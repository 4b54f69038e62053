// SetWeightDecayModifier.
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

class WeightDecay final : public TrainModifier {
 public:
  explicit WeightDecay(const recipe::Modifier& modifier)
      : start_(modifier.start_epoch), decay_(std::get<recipe::SetWeightDecay>(modifier.action).weight_decay) {}

  Status before_batch(const TrainParts& parts, double epoch) override {
    if (epoch >= start_) parts.optimizer.set_decay(decay_);
    return {};
  }

 private:
  double start_, decay_;
};

}  // namespace

std::unique_ptr<TrainModifier> make_weight_decay(const recipe::Modifier& modifier) {
  return std::make_unique<WeightDecay>(modifier);
}

}  // namespace saker::train
