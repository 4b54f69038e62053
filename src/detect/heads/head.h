// Heads: how the output tensors of a detector become candidate boxes.
#pragma once

#include <saker/detector_spec.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace saker {

// A box in input pixels before suppression.
struct Candidate {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  float score = 0;
  int class_id = 0;
};

struct OutputInfo {
  std::string name;
  Shape shape;  // -1 or 0: not known before a run
};

// What was found out about a model's outputs.
struct HeadSpec {
  HeadKind kind = HeadKind::kAuto;
  int classes = 0;  // 0: the shapes do not tell (kEndToEnd, kNmsRows); set it before decoding
  int input_height = 0, input_width = 0;
  std::vector<int> strides;          // input pixels a cell, one per level
  std::vector<std::size_t> outputs;  // which outputs: one, one per level, or scores and boxes per level (kNanodet)
  bool channels_first = false;       // kYolov8: [4+classes, cells] rather than [cells, 4+classes]
  int mask_channels = 0;             // coefficients of segmentation masks after the class scores; not read
  int bins = 0;                      // kNanodet: of the distribution of one side
};

// Finds the head by the shapes of the outputs, whatever their names and order. `operators` tells a YOLOX
// graph that decodes its boxes (it has an Exp) from one that does not. Error kUnsupported, naming outputs
// and heads, when none fits or the wanted one does not.
Result<HeadSpec> find_head(std::span<const OutputInfo> outputs, int input_height, int input_width,
                           const std::map<std::string, int>& operators, HeadKind wanted);

struct DecodeOptions {
  float conf = 0.25F;
  bool multi_label = false;  // all classes above conf, otherwise the best one
};

// Appends the candidates of one picture of the batch with score > conf. The views may have any strides.
// Whatever the tensors hold, no candidate has a non-finite number, a side below zero or an unknown class.
// Error kInvalid when a shape is not the one that find_head saw.
Status decode(const HeadSpec& spec, std::span<const TensorView> outputs, int picture, const DecodeOptions& options,
              std::vector<Candidate>& candidates);

// What differs from family to family besides the layout of the outputs.
struct HeadFamily {
  HeadKind kind;
  const char* name;
  bool needs_nms;  // false: the model suppresses duplicates itself
  float iou;       // NMS threshold unless another is asked for
  float evaluation_iou;
};
const HeadFamily& head_family(HeadKind kind);

// What one family of heads trains with.
Preprocess default_preprocess(HeadKind kind);

}  // namespace saker
