// What a recipe leaves a network as, without a training.
#pragma once

#include <saker/result.h>

#include "nets/network.h"
#include "train/modifiers/modifier.h"
#include "train/options.h"

namespace saker::train {

// Writes weights/best.safetensors of options.folder, which must be there. Errors: those of the modifiers, of which one
// may need a training; kIo.
Status apply_at_once(nets::Network& network, const TrainOptions& options, const TrainModifiers& modifiers);

}  // namespace saker::train
