// A batch as the network sees it, to be looked at.
#pragma once

#include <saker/image.h>

#include "augment/batch_loader.h"
#include "data/dataset.h"

namespace saker::augment {

// Its first pictures, at most 16, in a grid that is at most 1920 pixels wide and high, with boxes, names of classes and
// of files, as Ultralytics' train_batch0.jpg.
Image draw_batch(const Batch& batch, const Dataset& dataset);

}  // namespace saker::augment
