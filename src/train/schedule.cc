#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace saker::train {
namespace {

constexpr std::size_t kBias = static_cast<std::size_t>(WeightKind::kBias);

double mix(double from, double to, double share) {
  return from + (to - from) * share;
}

}  // namespace

// Warm-up of Ultralytics 8.4: no longer than the run less its last epoch.
Schedule::Schedule(const ScheduleOptions& options, std::int64_t batches_of_epoch)
    : options_(options), batches_(std::max<std::int64_t>(batches_of_epoch, 1)) {
  const auto batches = static_cast<double>(batches_);
  const double wanted = options.curve == Curve::kYolox || options.warmup_least > 0
                            ? options.warmup_epochs
                            : std::min(options.warmup_epochs, static_cast<double>(options.epochs - 1));
  warmup_ = std::max(static_cast<std::int64_t>(std::llround(wanted * batches)), std::int64_t{0});
  if (options.warmup_epochs > 0) warmup_ = std::max(warmup_, options.warmup_least);
}

double Schedule::epoch_factor(std::int64_t epoch) const {
  const double share = static_cast<double>(epoch) / static_cast<double>(options_.epochs);
  if (options_.curve == Curve::kCosine) return mix(1, options_.lrf, (1 - std::cos(std::numbers::pi * share)) / 2);
  return mix(1, options_.lrf, share);
}

double Schedule::yolox_rate(std::int64_t iteration) const {
  const double target = options_.lr0, least = target * options_.lrf;
  const auto at = static_cast<double>(iteration), warm = static_cast<double>(warmup_);
  if (iteration <= warmup_ && warmup_ > 0) return target * (at / warm) * (at / warm);
  const double end = static_cast<double>((options_.epochs - options_.no_aug_epochs) * batches_);
  if (at >= end) return least;
  return mix(least, target, (1 + std::cos(std::numbers::pi * (at - warm) / (end - warm))) / 2);
}

StepRates Schedule::rates(std::int64_t iteration) const {
  StepRates rates;
  rates.momentum = options_.momentum;
  if (options_.curve == Curve::kYolox) {
    rates.rate.fill(yolox_rate(iteration + 1));
    return rates;
  }
  const double target = options_.lr0 * epoch_factor(iteration / batches_);
  rates.rate.fill(target);
  if (iteration > warmup_ || warmup_ == 0) return rates;
  const double share = static_cast<double>(iteration) / static_cast<double>(warmup_);
  for (std::size_t kind = 0; kind < rates.rate.size(); ++kind)
    rates.rate[kind] = mix(kind == kBias ? options_.warmup_bias_lr : 0, target, share);
  rates.momentum = mix(options_.warmup_momentum, options_.momentum, share);
  return rates;
}

std::int64_t Schedule::accumulate(std::int64_t iteration) const {
  if (options_.nominal_batch <= 0) return 1;
  const double whole = static_cast<double>(options_.nominal_batch) / static_cast<double>(options_.batch);
  const double share =
      iteration > warmup_ || warmup_ == 0 ? 1 : static_cast<double>(iteration) / static_cast<double>(warmup_);
  if (share == 1) return std::max<std::int64_t>(std::llround(whole), 1);
  return std::max<std::int64_t>(std::llround(mix(1, whole, share)), 1);
}

double Schedule::decay_factor() const {
  if (options_.nominal_batch <= 0) return 1;
  const std::int64_t batches = std::max<std::int64_t>(
      std::llround(static_cast<double>(options_.nominal_batch) / static_cast<double>(options_.batch)), 1);
  return static_cast<double>(options_.batch * batches) / static_cast<double>(options_.nominal_batch);
}

}  // namespace saker::train
