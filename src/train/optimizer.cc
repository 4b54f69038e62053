#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

namespace saker::train {
namespace {

constexpr std::size_t kPart = 1 << 15;  // numbers: 128 KB, a job of some tens of microseconds
constexpr double kBeta2 = 0.999;
constexpr float kEpsilon = 1e-8F;

// body(begin, end) for parts of [begin, end), at the same places whatever the number of threads.
template <typename Body>
void in_parts(std::size_t begin, std::size_t end, ThreadPool& pool, const Body& body) {
  const std::size_t parts = (end - begin + kPart - 1) / kPart;
  pool.run(static_cast<std::int64_t>(parts), [&](std::int64_t part, int) {
    const std::size_t from = begin + static_cast<std::size_t>(part) * kPart;
    body(from, std::min(from + kPart, end));
  });
}

}  // namespace

Optimizer::Optimizer(OptimizerKind kind, const Weights& weights, double decay)
    : kind_(kind), weights_(weights), decay_(decay), first_(weights.trained()) {
  if (kind != OptimizerKind::kSgd) second_.resize(weights.trained());
}

void Optimizer::step(std::span<float> numbers, std::span<const float> gradients, double scale, const StepRates& rates,
                     ThreadPool& pool) {
  ++steps_;
  for (const WeightKind kind : {WeightKind::kWeight, WeightKind::kNorm, WeightKind::kBias}) {
    const auto [begin, end] = weights_.range(kind);
    const double rate = rates.rate[static_cast<std::size_t>(kind)];
    const double decay = kind == WeightKind::kWeight ? decay_ : 0;
    in_parts(begin, end, pool, [&](std::size_t from, std::size_t to) {
      step_part(from, to, numbers.data(), gradients.data(), scale, rate, decay, rates.momentum);
    });
  }
}

void Optimizer::step_part(std::size_t begin, std::size_t end, float* numbers, const float* gradients, double scale,
                          double rate, double decay, double momentum) {
  const auto s = static_cast<float>(scale), lr = static_cast<float>(rate), wd = static_cast<float>(decay),
             m = static_cast<float>(momentum);
  if (kind_ == OptimizerKind::kSgd) {
    float* kept = first_.data();
    // torch begins with the gradient itself; its momentum is zero then, which gives the same.
    for (std::size_t i = begin; i < end; ++i) {
      const float gradient = gradients[i] * s + wd * numbers[i];
      kept[i] = m * kept[i] + gradient;
      numbers[i] -= lr * (gradient + m * kept[i]);
    }
    return;
  }
  const double steps = static_cast<double>(steps_);
  const auto correction = static_cast<float>(1 - std::pow(momentum, steps));
  const auto root = static_cast<float>(std::sqrt(1 - std::pow(kBeta2, steps)));
  const bool apart = kind_ == OptimizerKind::kAdamW;
  const float shrink = apart ? 1 - lr * wd : 1, added = apart ? 0 : wd, step = lr / correction;
  const auto b2 = static_cast<float>(kBeta2);
  float *mean = first_.data(), *square = second_.data();
  for (std::size_t i = begin; i < end; ++i) {
    const float number = numbers[i] * shrink, gradient = gradients[i] * s + added * number;
    mean[i] += (gradient - mean[i]) * (1 - m);
    square[i] = b2 * square[i] + (1 - b2) * gradient * gradient;
    numbers[i] = number - step * mean[i] / (std::sqrt(square[i]) / root + kEpsilon);
  }
}

double norm_of(std::span<const float> gradients, ThreadPool& pool) {
  std::vector<double> sums((gradients.size() + kPart - 1) / kPart);
  in_parts(0, gradients.size(), pool, [&](std::size_t begin, std::size_t end) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += double{gradients[i]} * double{gradients[i]};
    sums[begin / kPart] = sum;
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

void Average::update(std::span<const float> current, ThreadPool& pool) {
  ++updates_;
  const double decay = decay_ * (1 - std::exp(-static_cast<double>(updates_) / tau_));
  const auto share = static_cast<float>(1 - decay);
  float* kept = numbers_.data();
  in_parts(0, numbers_.size(), pool, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) kept[i] += (current[i] - kept[i]) * share;
  });
}

}  // namespace saker::train
