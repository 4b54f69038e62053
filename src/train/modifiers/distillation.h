// What distillation of every kind has in common: whom the student learns from, and from when to when.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nets/network.h"
#include "train/modifiers/modifier.h"
#include "train/net.h"

namespace saker::train {

// A network that is not trained any more.
class Teacher {
 public:
  explicit Teacher(const nets::Network& network);

  // The weights of the same names of a training in progress.
  void take(const Weights& weights, std::span<const float> numbers);
  Status start(const TrainParts& parts);

  TrainableNet& net() { return *net_; }
  std::span<float> numbers() { return numbers_; }

 private:
  nets::Network network_;
  Weights weights_;
  std::vector<float> numbers_;
  std::unique_ptr<TrainableNet> net_;
};

class Distillation : public TrainModifier {
 public:
  Distillation(const recipe::Modifier& modifier, Teaching teaching)
      : modifier_(modifier), teaching_(std::move(teaching)) {}

  Status begin(const TrainParts& parts, double epoch) override;
  Status before_batch(const TrainParts& parts, double epoch) override;
  Result<double> after_losses(const TrainParts& parts, const Tensor& pixels,
                              std::span<const losses::MapView> maps) final;
  // The student that is its own teacher, as it was.
  ModifierState state() const override;
  Status restore(const Weights& weights, const ModifierState& saved) override;
  Status apply_at_once(const Weights& weights, std::span<float> numbers) override;

 protected:
  // Once, when the teacher is there.
  virtual Status meet(const TrainParts& /*parts*/, Teacher& /*teacher*/) { return {}; }
  // Gradients of what it adds to the loss, and that: `maps` are the student's, `wanted` the teacher's of the same
  // pixels.
  virtual Result<double> learn(const TrainParts& parts, std::span<const losses::MapView> maps,
                               std::span<const losses::MapView> wanted, Teacher& teacher) = 0;

  const recipe::Modifier& modifier() const { return modifier_; }
  const nets::Network& student() const { return *teaching_.student; }
  const nets::Network& teacher() const { return teaching_.teacher ? *teaching_.teacher : student(); }
  // Of the families' totals (losses/loss.h), which a loss beside them needs as well.
  double batch_factor(std::int64_t batch) const;

 private:
  Status start(const TrainParts& parts);

  recipe::Modifier modifier_;
  Teaching teaching_;
  bool active_ = false;
  std::unique_ptr<Teacher> teacher_;
  Tensor saved_;  // numbers of the teacher that a run which goes on had; empty: none
};

// What both kinds are where nobody teaches: says so, and does nothing.
std::unique_ptr<TrainModifier> make_no_distillation(const recipe::Modifier& modifier);

}  // namespace saker::train
