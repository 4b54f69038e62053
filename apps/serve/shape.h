// How many batches the server runs at a time, with how many threads each, of how many pictures.
#pragma once

#include <saker/result.h>

#include <string>

#include "serve/log.h"
#include "serve/settings.h"

namespace saker::cli {

struct Shape {
  int streams = 1, threads = 1, batch = 1;
  std::string why;
};

// What the settings name; for the rest what was measured for the models (of several the slowest decides, which takes
// most of the workers' time), now if `tune` asks for it; without measurements by the mode and the number of CPUs.
// Errors: of the models that are to be measured.
Result<Shape> choose_shape(const serve::Settings& settings, serve::Log& log);

}  // namespace saker::cli
