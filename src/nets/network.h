// A detector as a list of layers that feed each other, its last one the head; and the graph of it.
#pragma once

#include <saker/result.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/observed_ranges.h"
#include "nets/builder.h"
#include "nets/module.h"

namespace saker::nets {

struct Layer {
  Module module;
  std::vector<std::int64_t> from;  // indices of layers, negative: so many before this one; -1 of the first: the picture
};

struct Network {
  std::string family;              // "YOLOv5", "Ultralytics", "YOLOX"
  std::string name;                // as the framework calls it: "yolov5n", "yolox-tiny"; empty: not known
  std::vector<Layer> layers;       // the last is the head
  std::vector<std::string> names;  // of the classes; empty: not known
  std::int64_t classes = 0;
  std::vector<double> strides;                  // of the head's inputs, in pixels
  std::map<std::string, std::string> metadata;  // as exports of the family state it
  std::optional<ObservedRanges> observed{};     // it was trained for 8 bits
};

// How the boxes come out.
enum class HeadForm {
  kDecoded,     // boxes and scores of every cell in one output
  kRaw,         // the maps of the last convolutions
  kEndToEnd,    // rows [x1, y1, x2, y2, score, class] of the best, from the one-to-one head
  kSuppressed,  // such rows of any head, after NonMaxSuppression within each class; rows of zeros behind the last box
};

struct GraphOptions {
  HeadForm head = HeadForm::kDecoded;
  std::int64_t most_boxes = 300;         // kEndToEnd, kSuppressed
  float confidence = 0.25F, iou = 0.7F;  // kSuppressed: boxes of less are dropped; of more overlap, the lesser one
  bool maps_too = false;  // kDecoded: what head_maps gives are outputs besides, "map0.0", "map0.1" (of level 0), ...
};

// Batch, height and width are open ("batch", "height", "width"), and all that depends on them is computed by the graph;
// with shapes bound the passes fold it. Constants lie where the modules' weights do. Errors: kUnsupported (a class that
// is not known, a head that has no such form), kInvalid (weights and attributes that contradict each other); the module
// is named.
Result<Graph> make_graph(const Network& network, const GraphOptions& options = {});

// The module of that path ("model.2.cv1.conv"); null: there is none.
const Module* find_module(const Network& network, std::string_view path);

// What feeds the head, level by level: every layer before it run on the picture. After an error of the builder the
// values are kNothing. Error kInvalid: a layer that is fed by one that is not there yet.
Result<std::vector<Var>> run_to_head(Builder& b, const Network& network, Var picture);

}  // namespace saker::nets
