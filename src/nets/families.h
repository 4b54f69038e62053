// Networks made from their families' descriptions rather than from a checkpoint: layers, attributes and names as the
// framework's own classes have them, weights as it initialises them.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nets/network.h"

namespace saker::nets {

struct FamilyOptions {
  std::vector<std::string> names;  // of the classes, at least one
  std::string activation;          // "SiLU", "Hardswish", "LeakyReLU", "ReLU"; empty: the family's own
  std::vector<float> anchors;      // YOLOv5: width and height in pixels, level by level; empty: the family's own
  std::uint64_t seed = 0;
};

// "yolov5n" "yolov5s", "yolov8n" "yolov8s", "yolo11n" "yolo11s", "yolox-nano" "yolox-tiny" "yolox-s" (and m, l, x of
// each). Error kNotFound: the names there are, and the nearest.
Result<Network> make_family(std::string_view name, const FamilyOptions& options);
std::vector<std::string> family_names();

// From the YAML file of YOLOv5 or Ultralytics (models/yolov5s.yaml, yolov8n.yaml, yolov8.yaml: the scale is in the
// file's name). Its `nc` yields to the names. Errors: kInvalid with file and line, kUnsupported (a module by name).
Result<Network> network_from_yaml(std::string_view text, const std::string& path, const FamilyOptions& options);
// YOLOX of any depth and width.
Result<Network> yolox_network(double depth, double width, bool depthwise, const FamilyOptions& options);

// Weights of another network of the same family by their names, where their shapes are the same.
struct Transfer {
  std::size_t taken = 0, of = 0;  // tensors
  std::vector<std::string>
      left;  // "model.24.m.0.weight: [255, 128, 1, 1] there, [18, 128, 1, 1] here", "...: not there"
};
Transfer take_weights(Network& into, const Network& from);

// Every weight with its full name ("model.0.conv.weight"), in the order of the modules.
struct NamedWeight {
  std::string name;
  Module* module;
  std::string of_module;  // "weight"
};
std::vector<NamedWeight> named_weights(Network& network);

}  // namespace saker::nets
