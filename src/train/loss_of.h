// The loss that trains a network's head.
#pragma once

#include <memory>

#include "losses/loss.h"
#include "nets/network.h"
#include "train/options.h"

namespace saker::train {

// `plain`: of the last epochs, whose pictures are not augmented (YOLOX: with its additional loss).
std::unique_ptr<losses::Loss> make_loss(const nets::Network& network, const TrainOptions& options, bool plain);

}  // namespace saker::train
