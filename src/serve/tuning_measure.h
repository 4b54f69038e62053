// One shape of tuning, measured: compiled, run by all its streams for a while, and let go.
#pragma once

#include <saker/detector.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "serve/tuning.h"

namespace saker::serve {

// A JPEG file of 1280x720 pixels, as large as that of a photograph.
Result<std::vector<std::uint8_t>> tuning_picture();

struct TuningSubject {
  Model model;
  SessionOptions session;
  SpecOptions spec;
  bool is_detector = true;
  int fixed_batch = 0;  // by the file or the engine; 0: it is open
  std::vector<std::uint8_t> picture;
};

// Compiles it once to see whether it is a detector. Errors: as Detector::create; of a model that is none, as
// Session::create.
Result<TuningSubject> tuning_subject(const Model& model, const TuneOptions& options);

struct TuningFigures {
  double pictures_per_s = 0, p50_ms = 0, p99_ms = 0;
};

// For about so long, and at least three runs of each stream. Errors: of compiling and running; kLimit, no more threads.
Result<TuningFigures> measure_shape(const TuningSubject& subject, const WorkShape& shape, double seconds);

}  // namespace saker::serve
