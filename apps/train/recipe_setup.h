// What a recipe of sparsification adds to a training.
#pragma once

#include <saker/result.h>

#include "arguments.h"
#include "prepare.h"

namespace saker::train_cli {

// Reads the recipe, if one is named: its epochs, unless `given` says some, its modifiers and notes.
Status take_recipe(const Arguments& given, Setup& setup, Prepared& prepared);
// Whether the network has what the recipe names.
Status check_recipe(Prepared& prepared);

}  // namespace saker::train_cli
