// Which network is trained, and with whose weights.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "nets/network.h"
#include "settings.h"

namespace saker::train_cli {

struct ChosenModel {
  std::string name;        // "yolov8n", "best"
  std::string family;      // a name of nets::family_names; empty: `yaml` or YOLOX of its own size
  std::string yaml;        // a file
  std::string checkpoint;  // a file; empty: from nothing
  std::vector<std::string> notes;
};

// By --model, --cfg, --weights and the experiment. Errors: kInvalid, kNotFound (with what there is).
Result<ChosenModel> choose_model(const Setup& setup);
// Whose training code: decides the defaults.
Result<train::Recipe> recipe_of(const ChosenModel& chosen);
train::Recipe recipe_of(const nets::Network& network);

// The network of a checkpoint as it is, with weights of float32.
Result<nets::Network> read_float_network(const std::string& path);

// With classes of these names, and the checkpoint's weights where they fit; what was left goes to chosen.notes.
Result<nets::Network> make_network(ChosenModel& chosen, const Setup& setup, const std::vector<std::string>& names,
                                   std::uint64_t seed);

}  // namespace saker::train_cli
