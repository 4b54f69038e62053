// What a training leaves behind besides its weights: files for other tools, plots, and the last word on accuracy.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "prepare.h"
#include "train/trainer.h"

namespace saker::train_cli {

// In the run's folder: weights/best.pt, last.pt, best.onnx, and plots where they are wanted. What cannot be made is
// said in `notes`, and the rest is made. Gives the tables of the best weights: of accuracy, unless there is no
// validation, and with a recipe of the zeros in each layer.
Result<std::string> finish(const Prepared& prepared, std::vector<std::string>& notes);

}  // namespace saker::train_cli
