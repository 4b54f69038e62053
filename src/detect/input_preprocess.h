// How pixels are made numbers where nobody says it.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <vector>

#include "detect/spec_input.h"

namespace saker {

// `usual`: what the head's family trains with; less what the graph does to its input itself, and as it is for an input
// of bytes. What differs from `usual`, and what the other inputs get, goes into `notes`.
Preprocess preprocess_for(const Model& model, const SpecInput& input, const Preprocess& usual,
                          std::vector<std::string>& notes);

}  // namespace saker
