// The loop: batches in, weights out, epoch by epoch, each of which ends in a file to go on from.
#pragma once

#include <saker/result.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "runs/run_folder.h"
#include "train/modifiers/modifier.h"
#include "train/net.h"
#include "train/options.h"
#include "train/state.h"
#include "train/validate.h"

namespace saker::train {

struct BatchDone {
  std::int64_t epoch = 0, epochs = 0;   // from 0
  std::size_t batch = 0, batches = 0;   // done
  std::vector<losses::LossItem> items;  // means of the epoch so far
  std::size_t boxes = 0, pictures = 0;  // of the batch
  std::int64_t height = 0, width = 0;   // of its pictures
  double pictures_per_second = 0;       // of the epoch so far
};

struct EpochDone {
  runs::EpochRow row;
  bool validated = false, best = false;
  double left_seconds = 0;  // until the end, if nothing stops it
};

// What the caller is told, on its thread; each may be empty.
struct TrainHooks {
  std::function<void(const BatchDone&)> batch;
  std::function<void(std::size_t done, std::size_t total)> validating;
  std::function<void(const EpochDone&)> epoch;
  std::function<void(const std::string&)> note;
  std::function<bool()> stop;  // asked after each batch; true: save and end
};

struct TrainOutcome {
  bool stopped = false;  // by hooks.stop
  bool early = false;    // patience
  Progress progress;
  Validation last;  // of the last epoch that was validated
};

// What a picture of a batch takes of memory, about: the maps that the backward pass needs, in bytes. Error: the network
// does not take such a size.
Result<std::size_t> bytes_of_picture(const nets::Network& network, std::int64_t size);
// Bytes that this process may still take, of the machine and of its control group; 0: not known.
std::size_t available_memory();

// Trains `network` (float32 weights), which ends with the averaged weights of the last epoch. In options.folder, which
// must be there: weights/last.safetensors and best.safetensors, results.csv and the rest of runs/. `resumed`: goes on
// from there. `modifiers`: of a recipe; they must outlive the call. Errors: those of reading, kIo (the disk is full:
// the last file stays whole), kInvalid (the loss is no number: the batch's pictures are named; the last good file is
// kept).
Result<TrainOutcome> train(nets::Network& network, const Dataset& training, const Dataset* validation,
                           const TrainOptions& options, const MakeNet& make_net, const TrainHooks& hooks,
                           const SavedState* resumed = nullptr, const TrainModifiers& modifiers = {});

}  // namespace saker::train
