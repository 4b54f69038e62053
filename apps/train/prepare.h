// From what was asked for to a network, data sets and options.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <vector>

#include "arguments.h"
#include "data/dataset.h"
#include "nets/network.h"
#include "recipe/recipe.h"
#include "train/modifiers/modifier.h"
#include "train/state.h"

namespace saker::train_cli {

struct Prepared {
  nets::Network network;
  Dataset training;
  std::optional<Dataset> validation;
  train::TrainOptions options;
  std::optional<train::SavedState> resumed;
  std::optional<recipe::Recipe> recipe;
  train::TrainModifiers modifiers;  // of the recipe
  std::string model_name;           // for people, and of the run's files: "yolov8n"
  std::vector<std::string> notes;   // what was decided
  Setup setup;
};

// Reads and checks all that a training needs; makes the run's folder last. Errors of whatever is wrong.
Result<Prepared> prepare(const Arguments& arguments);

}  // namespace saker::train_cli
