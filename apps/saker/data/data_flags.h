// What the `saker data` commands share, and `saker eval`: reading a dataset as the flags say.
#pragma once

#include <string>

#include "data/dataset.h"
#include "data/writers.h"
#include "flags.h"

namespace saker::cli {

struct DataFlags {
  std::string data;
  DatasetOptions reading;
};

// --images, --split and --crowd-as-object.
void add_reading_flags(CLI::App& app, DatasetOptions& reading);
void add_skip_bad(CLI::App& app, DatasetOptions& reading);

// What a command needs of the pictures themselves.
struct PictureNeeds {
  bool folder = false;  // to be found
  bool sizes = false;   // where the annotations do not state them
  bool files = false;   // pictures, all of them
};
// With --skip-bad, says how many entries were left out, and the first of them.
Result<Dataset> read_data(const DataFlags& flags, const PictureNeeds& needs);

}  // namespace saker::cli
