// What the guard has to say: a mistake by its name, what was measured, and what to do.
#pragma once

#include <saker/detector.h>

#include <optional>
#include <string>
#include <vector>

namespace saker {

struct Finding {
  std::string name;                     // "near-duplicates"
  bool refuses;                         // else it is a warning
  std::string what;                     // the figures
  std::string remedy;                   // may be empty
  std::optional<Preprocess> feed = {};  // the remedy is to feed the model so
  std::string setting = {};             // as Error's, of the remedy
};

using Findings = std::vector<Finding>;

}  // namespace saker
