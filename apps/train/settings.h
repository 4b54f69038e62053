// What a training can be told, by the names that Ultralytics, YOLOv5 and YOLOX have for it: one table for flags,
// key=value words, hyper-parameter files and experiment files.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "train/options.h"

namespace saker::train_cli {

struct Setup {
  train::TrainOptions options;

  std::string model;    // a family's name, a checkpoint, or a YAML
  std::string cfg;      // a YAML of YOLOv5 or Ultralytics
  std::string weights;  // a checkpoint whose weights are taken where they fit
  std::string hyp;      // hyper-parameters of YOLOv5
  std::string experiment;
  std::string recipe, recipe_args;  // a file of SparseML's form; values of its variables, as JSON or in a file
  std::string recipe_text;          // the recipe itself, which a run that goes on has from its checkpoint
  std::string teacher;              // of its distillation: a checkpoint, "self", "disable"; empty: nobody
  bool one_shot = false;            // what the recipe leaves, without a training
  std::string activation;
  double depth = 0, width = 0;  // YOLOX of its own size
  double lr_per_picture = 0;    // YOLOX; 0: its own
  bool depthwise = false;
  bool single_class = false;

  std::string data, val_data;  // data.yaml, COCO .json, a folder
  std::string images, val_images;
  std::string data_dir, train_ann, val_ann;  // of an experiment file
  std::int64_t classes = 0;                  // it says; 0: not said

  std::string project, name;
  bool exist_ok = false;
  std::string resume;  // a file, a folder, "True": the newest run
  std::string optimizer = "auto", freeze, cache, device;
  bool autoanchor = true, export_onnx = true, plots = true, quiet = false, adam = false, cos_lr = false;
};

// Where a setting's value lies.
using Place = std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::uint64_t*>;

struct Setting {
  const char* names;  // separated by spaces, the first one as in args.yaml; one letter: with one hyphen
  const char* group;
  const char* what;  // one line for people
  double low, high;  // of numbers
  Place (*place)(Setup&);
};

std::span<const Setting> settings();
// By any of its names, with hyphens for underscores; null: none.
const Setting* find_setting(std::string_view name);

// Error kInvalid: no such value.
Status apply(Setup& setup, const Setting& setting, const std::string& value);
// As YAML writes it.
std::string text_of(Setup& setup, const Setting& setting);

// Settings of this name that the families have and that change nothing here; the reason, or null.
const char* why_ignored(std::string_view name);
// Those that would change something, but cannot be had: the reason, or null. Their values that mean "off" are fine.
const char* why_refused(std::string_view name, std::string_view value);

}  // namespace saker::train_cli
