// All that a training needs to go on as if it had never stopped, in one file that is there whole or not at all.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nets/network.h"
#include "train/modifiers/modifier.h"
#include "train/optimizer.h"
#include "train/weights.h"

namespace saker::train {

struct Progress {
  std::int64_t epochs_done = 0;
  std::int64_t batches_done = 0;  // of the next one
  std::vector<double> loss_sums;  // of those
  std::int64_t last_step = -1;    // the iteration after which weights changed last
  std::int64_t best_epoch = -1;
  double best_fitness = -1;
  double seconds = 0;  // spent so far
};

// The parts of a training that change. Lists are as long as the weights.
struct StateView {
  Progress& progress;
  std::vector<float>& numbers;    // of the weights
  std::vector<float>& gradients;  // added up since the last step
  Optimizer& optimizer;
  Average& average;
};

using Arguments = std::vector<std::pair<std::string, std::string>>;

// weights/last.safetensors: the network with its averaged weights, and the state. `network` takes the averages.
Status save_state(const std::string& path, nets::Network& network, const Weights& weights, const StateView& state,
                  const Arguments& arguments, const TrainModifiers& modifiers = {});
// A file without the state: the network with its averaged weights.
Status save_network(const std::string& path, nets::Network& network, const Weights& weights,
                    std::span<const float> average, std::int64_t epoch, const Arguments& arguments);

struct SavedState {
  nets::Network network;
  Arguments arguments;
  std::map<std::string, Tensor, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> facts;
};
// Error kInvalid: no file that save_state has written.
Result<SavedState> read_state(const std::string& path);
// Into the parts of a training of that network. Error kInvalid: they are of another size.
Status restore(const SavedState& saved, const Weights& weights, const StateView& state);
// What the modifier of that place in a recipe has left there.
ModifierState modifier_state(const SavedState& saved, std::size_t place);

}  // namespace saker::train
