// Calibration sets: pictures drawn from a dataset so that each class is in so many of them.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/writers.h"

namespace saker {

struct CalibOptions {
  std::vector<std::int32_t> categories;  // indices into the dataset's; empty: all
  int per_class = 20;
  std::uint64_t seed = 1;
};

struct ClassShare {
  std::int32_t category = 0;
  int available = 0;  // pictures that contain it
  int chosen = 0;     // of them in the set; at least per_class unless fewer are available
};

struct CalibChoice {
  std::vector<std::int32_t> pictures;  // indices, ascending
  std::vector<ClassShare> classes;     // in the order of the categories
  std::size_t missing = 0;             // pictures that could not be drawn, because their files are not there
};

// A picture contains a class when it has a box of it that is no crowd. Classes take their pictures in turn, the rarest
// first, at random among those not chosen yet; what others chose counts. The same seed gives the same pictures on
// every machine. Error kNotFound: no picture is there.
Result<CalibChoice> choose_pictures(const Dataset& dataset, const CalibOptions& options);

// The dataset of these pictures, with the boxes of these classes only (empty: of all). Ids stay.
Dataset subset(const Dataset& dataset, const std::vector<std::int32_t>& pictures,
               const std::vector<std::int32_t>& categories);

struct CalibFolder {
  std::string path;
  Placing placing = Placing::kLink;
  bool replace = false;  // a folder that this function made before
};

// images/, annotations.json (COCO) and manifest.json, which says what was drawn from where.
Status write_calib(const Dataset& dataset, const CalibOptions& options, const CalibChoice& choice,
                   const CalibFolder& folder);

}  // namespace saker
