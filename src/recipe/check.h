// Modifiers that would undo each other.
#pragma once

#include <saker/result.h>

#include <vector>

#include "recipe/recipe.h"

namespace saker::recipe {

// Error kInvalid: two ranges of epochs, two rates at one time, a weight that two modifiers prune at one time, or that
// one names twice.
Status check_overlaps(const std::vector<Modifier>& modifiers);

// The params of a pruning modifier, of all its tiers; of others none.
std::vector<std::string> pruned_params(const Modifier& modifier);

// Whether both are there at one time.
bool overlap(const Modifier& a, const Modifier& b);

}  // namespace saker::recipe
