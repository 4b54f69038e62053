// What a run of `saker annotate` took, for people and for programs.
#pragma once

#include <saker/detector.h>

#include <cstddef>
#include <string>
#include <vector>

#include "detector_flags.h"
#include "pipeline/stage_times.h"
#include "pipeline/video_frames.h"
#include "pipeline/video_parts.h"
#include "report/json.h"
#include "tracking/scene.h"

namespace saker::cli {

// The model as it ran.
struct ModelFacts {
  std::string path, engine, precision, head;  // "yolov8n.onnx", "saker", "int8", "yolov8"
  int height = 0, width = 0;                  // of its input
  int threads = 0, in_flight = 1, batch = 1;
};
// Files of 8-bit models are "int8" whatever --precision says.
ModelFacts model_facts(const Detector& detector, const Model& model, const DetectorFlags& flags);

// One source and what came out of it.
struct SourceRun {
  SourceFigures source;
  std::size_t frames = 0;  // that are done: with boxes, written
  std::size_t failed = 0;  // pictures
  StageFigures stages;
  std::vector<VideoPart> parts;
  std::vector<tracking::Counts> counts;
};

struct AnnotateRun {
  ModelFacts model;
  std::vector<SourceRun> sources;
  bool videos = true;  // else pictures
  bool encoded = true, drawn = true;
  double seconds = 0;    // from the first frame to the last that was written, encoders' ends included
  int signal = 0;        // that stopped it; 0: none
  bool trouble = false;  // not all of the sources could be done
};

// A table of the stages, and lines that say what the figures contain.
std::string figures_text(const AnnotateRun& run);
Json figures_json(const AnnotateRun& run);

}  // namespace saker::cli
