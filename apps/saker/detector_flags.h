// The flags of every command that turns pictures into boxes, and the detector they describe.
#pragma once

#include <saker/detector.h>

#include <optional>
#include <string>
#include <vector>

#include "flags.h"

namespace saker::cli {

struct DetectorFlags {
  std::string model;
  std::optional<Model> loaded;  // used in place of that file

  float conf = 0.25F, iou = 0.45F;
  bool iou_given = false;
  int max_det = 300;
  bool multi_label = false, agnostic = false;
  std::vector<std::string> classes;
  std::string allowed_classes_file;

  Size size;
  std::string head = "auto", labels;
  std::vector<std::array<float, 2>> anchors;
  bool letterbox = false, stretch = false;
  std::optional<std::array<float, 3>> mean, std;
  std::optional<float> scale;
  std::string color;
  std::vector<std::string> inputs;  // NAME=VALUE,...

  std::string backend = "auto", precision;
  int batch = 0;  // 0: not given
  int threads = 0, inter = 1, warmup = 0;
  std::string isa;
  bool jpeg_scale = false;
  bool low_memory = false, autotune = false;
  std::int64_t max_pixels = ImageReadOptions{}.max_pixels;
  bool quiet = false;

  bool changes_preprocess() const {
    return letterbox || stretch || mean.has_value() || std.has_value() || scale.has_value() || !color.empty();
  }
};

// MODEL and all flags but --quiet. What `flags` holds beforehand are the defaults the help names.
void add_detector_flags(CLI::App& app, DetectorFlags& flags);

// Of these the ones about how the model is fed and its outputs are read.
void add_model_flags(CLI::App& app, DetectorFlags& flags);

// Says why another engine than saker was chosen, if one was, and what else is to be known of it.
Result<Detector> make_detector(const DetectorFlags& flags);

// How pictures are to be read for that detector.
ImageReadOptions read_options(const DetectorFlags& flags, const Detector& detector);

}  // namespace saker::cli
