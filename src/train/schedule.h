// How fast weights change, iteration by iteration.
#pragma once

#include <cstdint>

#include "train/optimizer.h"

namespace saker::train {

enum class Curve : std::uint8_t {
  kLinear,  // epoch by epoch from 1 to lrf (YOLOv5, Ultralytics)
  kCosine,  // the same, by half a cosine
  kYolox,   // iteration by iteration: quadratic warm-up, half a cosine to lrf, which the last epochs keep
};

struct ScheduleOptions {
  Curve curve = Curve::kLinear;
  double lr0 = 0.01, lrf = 0.01;  // the last rate is lr0 * lrf
  double momentum = 0.937;
  double warmup_epochs = 3, warmup_momentum = 0.8, warmup_bias_lr = 0.1;
  std::int64_t warmup_least = 0;   // iterations (YOLOv5: 100)
  std::int64_t no_aug_epochs = 0;  // kYolox
  std::int64_t epochs = 100;
  std::int64_t batch = 16,
               nominal_batch = 64;  // gradients of so many pictures are added up before a step; 0: of one batch
};

class Schedule {
 public:
  Schedule(const ScheduleOptions& options, std::int64_t batches_of_epoch);

  // Of an iteration counted from the training's first.
  StepRates rates(std::int64_t iteration) const;
  std::int64_t accumulate(std::int64_t iteration) const;  // batches before a step
  std::int64_t warmup() const { return warmup_; }         // iterations
  double decay_factor() const;  // what weight decay is multiplied with: pictures of a step in nominal batches

 private:
  double epoch_factor(std::int64_t epoch) const;
  double yolox_rate(std::int64_t iteration) const;

  ScheduleOptions options_;
  std::int64_t batches_, warmup_;
};

}  // namespace saker::train
