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
  // "SiLU", "Hardswish", "LeakyReLU", "ReLU", as torch writes them ("nn.LeakyReLU(0.2)"), too; empty: the family's own
  std::string activation;
  std::vector<float> anchors;  // YOLOv5: width and height in pixels, level by level; empty: the family's own
  std::uint64_t seed = 0;
  std::int64_t most_parameters = 300'000'000;  // kLimit above it. Of YOLOv5x6: 140 million
};

// "yolov5n" "yolov5s", "yolov8n" "yolov8s", "yolo11n" "yolo11s", "yolox-nano" "yolox-tiny" "yolox-s" (and m, l, x of
// each), with their trees, attributes and names as read_network() would read them. Errors: kNotFound (the names there
// are, and the nearest), kInvalid and kUnsupported (an option).
Result<Network> make_family(std::string_view name, const FamilyOptions& options);
std::vector<std::string> family_names();

// From the YAML file of YOLOv5 or Ultralytics (models/yolov5s.yaml, yolov8n.yaml). Of several `scales` the letter in
// the file's name tells which, else `scale`, else the first is taken. Its `nc` yields to the names; where its `anchors`
// are a number, they are squares until better ones are found. Errors: kInvalid with file and line, kUnsupported (a
// module by name), kLimit.
Result<Network> network_from_yaml(std::string_view text, const std::string& path, const FamilyOptions& options);
// YOLOX of any depth and width of 0.1 to 2.
Result<Network> yolox_network(double depth, double width, bool depthwise, const FamilyOptions& options);

// Weights of another network of the same family by their names, where their shapes are the same, as float32 in memory
// of their own: the tensors are replaced. YOLOv5's anchors are among them. Counts of batches are taken, but not
// counted.
struct Transfer {
  std::size_t taken = 0, of = 0;  // tensors
  // "model.24.m.0.weight: [255, 128, 1, 1] there, [18, 128, 1, 1] here", "...: not there"; of another family, that
  std::vector<std::string> left;
};
Transfer take_weights(Network& into, const Network& from);

// The same network for classes of these names: the convolutions that give the scores are made anew (YOLOv5: boxes, too,
// which come from the same ones), all else keeps its weights. Errors: kInvalid (their number), kUnsupported (a head).
Result<Network> with_classes(const Network& from, const std::vector<std::string>& names, std::uint64_t seed);

// Every weight with its full name ("model.0.conv.weight"), in the order of the modules, and in each by their names.
struct NamedWeight {
  std::string name;
  Module* module;
  std::string of_module;  // "weight"
};
std::vector<NamedWeight> named_weights(Network& network);

}  // namespace saker::nets
