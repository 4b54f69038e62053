// The flags of `saker detect`.
#pragma once

#include <saker/detector.h>

#include <optional>
#include <string>
#include <vector>

#include "flags.h"
#include "saver.h"
#include "writers.h"

namespace saker::cli {

struct DetectFlags {
  std::string model;
  std::vector<std::string> sources;

  float conf = 0.25F, iou = 0.45F;
  int max_det = 300;
  bool multi_label = false, agnostic = false;
  std::vector<std::string> classes;
  std::string allowed_classes_file;

  Size size;
  std::string head = "auto", labels;
  bool letterbox = false, stretch = false;
  std::optional<std::array<float, 3>> mean, std;
  std::optional<float> scale;
  std::string color;

  int batch = 0;  // 0: not given
  int threads = 0, inter = 1, warmup = 0;
  std::string isa;
  std::int64_t max_pixels = ImageReadOptions{}.max_pixels;

  std::string format = "table", out = "-", json;
  SaveOptions save;
  bool quiet = false;

  bool changes_preprocess() const {
    return letterbox || stretch || mean.has_value() || std.has_value() || scale.has_value() || !color.empty();
  }
};

void add_detect_flags(CLI::App& app, DetectFlags& flags);

}  // namespace saker::cli
