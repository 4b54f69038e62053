// What a training is told: by whom a model is trained decides the defaults.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "augment/batch_loader.h"
#include "losses/loss.h"
#include "train/schedule.h"

namespace saker::train {

// Whose loop, losses and augmentation.
enum class Recipe : std::uint8_t { kUltralytics, kYolov5, kYolox };

enum class OptimizerChoice : std::uint8_t { kAuto, kSgd, kAdam, kAdamW };

struct TrainOptions {
  Recipe recipe = Recipe::kUltralytics;
  std::int64_t epochs = 100, batch = 16, size = 640;
  std::int64_t patience = 100;     // epochs without a better one, after which it ends; 0: never
  std::int64_t close_mosaic = 10;  // the last so many epochs without mosaic and mixup (YOLOX: no_aug_epochs, with L1)
  OptimizerChoice optimizer = OptimizerChoice::kAuto;
  ScheduleOptions schedule;  // epochs, batch and no_aug_epochs are filled in
  double weight_decay = 5e-4;
  double average_decay = 0.9999, average_tau = 2000;  // EMA
  double most_gradient = 10;                          // its norm is clipped there; 0: never
  augment::Augmentation augmentation;
  double box = 7.5, cls = 0.5, dfl = 1.5, obj = 1;  // gains
  double cls_pw = 1, obj_pw = 1, anchor_t = 4, fl_gamma = 0, label_smoothing = 0;
  std::vector<std::string> freeze;  // beginnings of weights' names: "model.0."
  bool rect = false, validate = true, bfloat16 = false;
  double multi_scale = 0;
  int multi_scale_every = 1;
  std::int64_t eval_interval = 1, save_period = -1;
  std::uint64_t seed = 0;
  int threads = 0, workers = 0;  // 0: all CPUs
  std::size_t cache_bytes = std::size_t{512} << 20;
  bool skip_bad = true;
  double iou = 0.7;                                            // of the validation's suppression
  std::string folder;                                          // of the run; there already
  std::vector<std::pair<std::string, std::string>> arguments;  // as args.yaml has them; kept in checkpoints
};

// As the family's own training code has them.
TrainOptions defaults_of(Recipe recipe);

// Fills in what hangs on the data set, once all else is settled: the schedule's counts, and the optimizer and rates
// that kAuto stands for (Ultralytics 8.3's rule: SGD for more than 10000 iterations, else AdamW).
void settle(TrainOptions& options, std::size_t pictures, std::size_t classes);

}  // namespace saker::train
