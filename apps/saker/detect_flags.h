// The flags of `saker detect`.
#pragma once

#include <string>
#include <vector>

#include "detector_flags.h"
#include "pipeline/picture_saver.h"

namespace saker::cli {

struct DetectFlags : DetectorFlags {
  std::vector<std::string> sources;
  std::string format = "table", out = "-", json;
  SaveOptions save;
};

void add_detect_flags(CLI::App& app, DetectFlags& flags);

}  // namespace saker::cli
