// What a recipe does in a training: each of its modifiers, told what happens when. The loop (trainer.h) calls all of
// them in the order of the recipe.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "losses/loss.h"
#include "nets/network.h"
#include "recipe/recipe.h"
#include "train/net.h"
#include "train/optimizer.h"
#include "train/weights.h"

namespace saker::train {

// The training's parts that a modifier may change; numbers as Weights orders them, gradients of the trained ones only.
struct TrainParts {
  nets::Network& network;
  const Weights& weights;
  std::span<float> numbers, gradients;
  std::span<float> average;
  Optimizer& optimizer;
  TrainableNet& net;
  std::int64_t batches = 1;           // of an epoch
  const MakeNet* make_net = nullptr;  // what made `net`, so with these
  NetOptions net_options = {};
};

using ModifierState = std::map<std::string, Tensor, std::less<>>;

class TrainModifier {
 public:
  virtual ~TrainModifier() = default;

  // Whether the network has what it names: asked before anything is written.
  virtual Status check(const Weights&) const { return {}; }
  // Once, before the first batch, and after restore() where a run goes on at `epoch` > 0.
  virtual Status begin(const TrainParts&, double /*epoch*/) { return {}; }
  // Before each batch. Epochs count from 0, with fractions: 1.5 is in the middle of the second.
  virtual Status before_batch(const TrainParts&, double /*epoch*/) { return {}; }
  // After the losses, before the backward pass: may add to the maps' gradients. Gives what it adds to the loss.
  virtual Result<double> after_losses(const TrainParts&, const Tensor& /*pixels*/,
                                      std::span<const losses::MapView> /*maps*/) {
    return 0.0;
  }
  // Of the step after this batch; what the schedule and the modifiers before it have settled is in there.
  virtual void set_rates(double /*epoch*/, StepRates&) const {}
  // Once all gradients of a step are there, before they are clipped.
  virtual Status before_step(const TrainParts&) { return {}; }
  // After the optimizer's step and the average's.
  virtual Status after_step(const TrainParts&) { return {}; }

  // Whether, at the end of that epoch, the weights are what the recipe is for: the best checkpoint is one of these.
  virtual bool is_settled(double /*epoch*/) const { return true; }
  // What people should know beforehand: a layer that a pattern cannot express.
  virtual std::vector<std::string> notes(const Weights&) const { return {}; }

  // What a resumed run needs, by names of its own.
  virtual ModifierState state() const { return {}; }
  virtual Status restore(const Weights&, const ModifierState&) { return {}; }

  // The state that it would leave the weights in, without a training. Error kUnsupported: it needs one.
  virtual Status apply_at_once(const Weights&, std::span<float> /*numbers*/) { return {}; }
};

using TrainModifiers = std::vector<std::unique_ptr<TrainModifier>>;

// Whom a network learns from besides its data (distillation).
struct Teaching {
  enum class By : std::uint8_t { kNobody, kItself, kNetwork } by = By::kNobody;
  std::shared_ptr<const nets::Network> student, teacher;  // teacher: kNetwork; float32 weights
};

// Of one of a recipe's modifiers; each in a file of its own, all in the table of make_modifiers.cc.
std::unique_ptr<TrainModifier> make_weight_decay(const recipe::Modifier& modifier);
std::unique_ptr<TrainModifier> make_trainable_params(const recipe::Modifier& modifier);
std::unique_ptr<TrainModifier> make_set_param(const recipe::Modifier& modifier);
std::unique_ptr<TrainModifier> make_pruning(const recipe::Modifier& modifier);
std::unique_ptr<TrainModifier> make_constant_pruning(const recipe::Modifier& modifier);
std::unique_ptr<TrainModifier> make_acdc_pruning(const recipe::Modifier& modifier);
// DistillationModifier (hardness, temperature): of the head's maps, losses/distillation.h.
std::unique_ptr<TrainModifier> make_output_distillation(const recipe::Modifier& modifier, const Teaching& teaching);
// PerLayerDistillationModifier (gain, normalize, names of layers): of what inner layers give.
std::unique_ptr<TrainModifier> make_layer_distillation(const recipe::Modifier& modifier, const Teaching& teaching);
std::unique_ptr<TrainModifier> make_quantization(const recipe::Modifier& modifier);
// Of all that set or change learning rates: of two that say something of a group and an epoch the one that starts later
// holds.
std::unique_ptr<TrainModifier> make_learning_rates(std::vector<recipe::Modifier> modifiers);

// All of a recipe. Error kUnsupported: one that this build does not have.
Result<TrainModifiers> make_modifiers(const recipe::Recipe& recipe, const Teaching& teaching = {});
// Whether the network has all that they name, and none of its weights is pruned by two at one time.
Status check_modifiers(const recipe::Recipe& recipe, const TrainModifiers& modifiers, const Weights& weights);

// The weight of a convolution that learns: not the lengths of distributions.
bool is_prunable(const WeightSlot& slot);

// Whether a name is meant by what a recipe writes for it: the name itself, or "re:" and an expression that fits its
// beginning. Error kInvalid: an expression that is none.
using NameMatcher = std::function<bool(const std::string& name)>;
Result<NameMatcher> name_matcher(const std::string& param);

enum class SlotsOf : std::uint8_t { kWeights, kPrunable };  // all but running means; weights of convolutions alone

// Slots of weights.slots(), in their order, by a modifier's params. Error kInvalid with line and field: one that
// matches nothing (unless not `strict`), an expression that is none.
Result<std::vector<std::size_t>> slots_of(const Weights& weights, const std::vector<std::string>& params, SlotsOf of,
                                          const recipe::Modifier& modifier, bool strict = true);

}  // namespace saker::train
