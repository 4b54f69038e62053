// Steps down the gradient, and the running average of the weights (EMA): loops over numbers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "train/weights.h"

namespace saker::train {

enum class OptimizerKind : std::uint8_t { kSgd, kAdam, kAdamW };

// Of one step.
struct StepRates {
  std::array<double, 3> rate{};  // of weights, norms and biases
  double momentum = 0.9;         // of Adam and AdamW beta 1
};

// torch.optim's SGD with Nesterov's momentum, Adam (decay added to the gradient) and AdamW (decay apart, Loshchilov and
// Hutter 2019), with beta 2 of 0.999 and epsilon 1e-8. Only weights of convolutions decay.
class Optimizer {
 public:
  Optimizer(OptimizerKind kind, const Weights& weights, double decay);

  // Gradients are multiplied by `scale` first. Same results whatever the number of threads.
  void step(std::span<float> numbers, std::span<const float> gradients, double scale, const StepRates& rates,
            ThreadPool& pool);

  // What is kept between steps, for checkpoints.
  std::int64_t steps() const { return steps_; }
  std::span<float> first() { return first_; }    // momentum
  std::span<float> second() { return second_; }  // empty for SGD
  void set_steps(std::int64_t steps) { steps_ = steps; }
  void set_decay(double decay) { decay_ = decay; }

 private:
  void step_part(std::size_t begin, std::size_t end, float* numbers, const float* gradients, double scale, double rate,
                 double decay, double momentum);

  OptimizerKind kind_;
  const Weights& weights_;
  double decay_;
  std::int64_t steps_ = 0;
  std::vector<float> first_, second_;
};

// The length of the gradient as one vector.
double norm_of(std::span<const float> gradients, ThreadPool& pool);

// a + (b - a) share: what follows the weights more slowly the more updates there were:
// share = 1 - decay (1 - exp(-updates / tau)).
class Average {
 public:
  Average(std::span<const float> numbers, double decay, double tau)
      : numbers_(numbers.begin(), numbers.end()), decay_(decay), tau_(tau) {}
  void update(std::span<const float> current, ThreadPool& pool);

  std::span<float> numbers() { return numbers_; }
  std::int64_t updates() const { return updates_; }
  void set_updates(std::int64_t updates) { updates_ = updates; }

 private:
  std::vector<float> numbers_;
  double decay_, tau_;
  std::int64_t updates_ = 0;
};

}  // namespace saker::train
