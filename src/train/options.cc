#include "train/options.h"

#include <algorithm>
#include <cmath>

namespace saker::train {
namespace {

// YOLOv5 7.0, data/hyps/hyp.scratch-low.yaml and train.py.
void use_yolov5(TrainOptions& o) {
  o.optimizer = OptimizerChoice::kSgd;
  o.close_mosaic = 0;
  o.schedule.warmup_least = 100;
  o.box = 0.05;
  o.cls = 0.5;
  o.obj = 1;
  o.iou = 0.6;
  o.augmentation.additive_hue = false;
}

// YOLOX 0.3, yolox/exp/yolox_base.py.
void use_yolox(TrainOptions& o) {
  o.optimizer = OptimizerChoice::kSgd;
  o.epochs = 300;
  o.patience = 0;
  o.close_mosaic = 15;
  o.schedule.curve = Curve::kYolox;
  o.schedule.lr0 = 0;  // 0.01 / 64 for each picture of a batch
  o.schedule.lrf = 0.05;
  o.schedule.momentum = 0.9;
  o.schedule.warmup_epochs = 5;
  o.schedule.nominal_batch = 0;
  o.average_decay = 0.9998;
  o.most_gradient = 0;
  o.augmentation.yolox = true;
  o.augmentation.degrees = 10;
  o.augmentation.shear = 2;
  o.augmentation.mixup = 1;
  o.multi_scale = 5.0 / 20;
  o.multi_scale_every = 10;
  o.eval_interval = 10;
  o.iou = 0.65;
}

}  // namespace

TrainOptions defaults_of(Recipe recipe) {
  TrainOptions options;
  options.recipe = recipe;
  if (recipe == Recipe::kYolov5) use_yolov5(options);
  if (recipe == Recipe::kYolox) use_yolox(options);
  return options;
}

void settle(TrainOptions& o, std::size_t pictures, std::size_t classes) {
  o.schedule.epochs = o.epochs;
  o.schedule.batch = o.batch;
  o.schedule.no_aug_epochs = std::min(o.close_mosaic, o.epochs);
  if (o.recipe == Recipe::kYolox && o.schedule.lr0 == 0) o.schedule.lr0 = 0.01 / 64 * static_cast<double>(o.batch);
  if (o.optimizer != OptimizerChoice::kAuto) return;
  const double of_step = static_cast<double>(std::max(o.batch, o.schedule.nominal_batch));
  const double iterations = std::ceil(static_cast<double>(pictures) / of_step) * static_cast<double>(o.epochs);
  o.schedule.momentum = 0.9;
  o.schedule.warmup_bias_lr = 0;
  if (iterations > 10000) {
    o.optimizer = OptimizerChoice::kSgd;
    o.schedule.lr0 = 0.01;
    return;
  }
  o.optimizer = OptimizerChoice::kAdamW;
  o.schedule.lr0 = std::round(0.002 * 5 / (4 + static_cast<double>(classes)) * 1e6) / 1e6;
}

}  // namespace saker::train
