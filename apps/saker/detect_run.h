// Runs a detector over many pictures, several at a time, with the results in the order of the sources.
#pragma once

#include <saker/detector.h>
#include <saker/image.h>

#include <functional>
#include <string>
#include <vector>

#include "saver.h"
#include "sources.h"

namespace saker::cli {

struct PictureResult {
  std::string path;  // as the user named it
  int width = 0, height = 0;  // of the file, as are the boxes
  double decode_ms = 0;
  Detections found;
  std::string error;       // not empty: no result, and why
  std::string save_error;  // not empty: a result, but not everything could be saved
};

struct RunOptions {
  std::size_t in_flight = 1;  // detectors at work, each on a thread of its own
  std::size_t batch = 1;      // pictures a detector is given at once
  int warmup = 0;             // runs on a grey picture before the first
  ImageReadOptions read;
};

// Calls `sink` for every source, in their order, never two at a time; it returns false to stop early.
// At most in_flight * batch pictures are in memory.
Status run_pictures(Detector detector, const std::vector<Source>& sources, const RunOptions& options,
                    const Saver& saver, const std::function<bool(const PictureResult&)>& sink);

}  // namespace saker::cli
