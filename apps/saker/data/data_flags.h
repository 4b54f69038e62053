// What the `saker data` commands share: reading a dataset as the flags say.
#pragma once

#include <string>

#include "data/dataset.h"
#include "data/writers.h"
#include "flags.h"

namespace saker::cli {

struct DataFlags {
  std::string data, images, split;
  bool skip_bad = false;
};

// --images and --split.
void add_data_flags(CLI::App& app, DataFlags& flags);
void add_skip_bad(CLI::App& app, DataFlags& flags);

DatasetOptions reading_options(const DataFlags& flags);
// What a command needs of the pictures themselves.
struct PictureNeeds {
  bool folder = false;  // to be found
  bool sizes = false;   // where the annotations do not state them
  bool files = false;   // pictures, all of them
};
// With --skip-bad, says how many entries were left out, and the first of them.
Result<Dataset> read_data(const DataFlags& flags, const PictureNeeds& needs);

}  // namespace saker::cli
