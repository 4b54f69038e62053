// How good a network is while it learns: our own engine finds its boxes in the pictures of the validation, and the same
// run gives the losses there.
#pragma once

#include <saker/result.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "eval/found_boxes.h"
#include "eval/yolo_metrics.h"
#include "losses/loss.h"
#include "nets/network.h"

namespace saker::train {

struct ValidateOptions {
  std::int64_t size = 640;  // of the network's input
  double iou = 0.7;         // of suppression; boxes from 0.001 on, several classes each, 300 a picture at most
  int threads = 0;          // 0: all CPUs
  std::function<void(std::size_t done, std::size_t total)> progress;  // from any thread, one at a time; may be empty
};

struct Validation {
  FoundBoxes found;
  YoloNumbers numbers;
  std::vector<std::pair<std::string, double>> losses;  // means over the pictures
};

using MakeLoss = std::function<std::unique_ptr<losses::Loss>()>;

// Pictures that cannot be read are left out and noted. Errors: those of compiling; kIo where none can be read.
Result<Validation> validate(const nets::Network& network, const Dataset& dataset, const ValidateOptions& options,
                            const MakeLoss& make_loss);

}  // namespace saker::train
