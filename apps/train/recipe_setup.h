// What a recipe of sparsification adds to a training.
#pragma once

#include <saker/result.h>

#include "arguments.h"
#include "prepare.h"

namespace saker::train_cli {

// Reads the recipe, if one is named: its epochs, unless `given` says some, and notes.
Status take_recipe(const Arguments& given, Setup& setup, Prepared& prepared);
// Makes its modifiers, with their teacher. Errors: what it names and the network has not, a teacher that does not fit.
Status check_recipe(Prepared& prepared);

}  // namespace saker::train_cli
