// YOLOv5's anchors for the boxes of a data set.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "data/dataset.h"
#include "nets/network.h"
#include "train/options.h"

namespace saker::train_cli {

// Others in place of the network's where too few boxes have one that fits; nothing of heads without anchors. What was
// found goes to `notes`.
Status fit_anchors_of(nets::Network& network, const Dataset& dataset, const train::TrainOptions& options,
                      std::vector<std::string>& notes);

}  // namespace saker::train_cli
