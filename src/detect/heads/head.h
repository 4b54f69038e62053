// Heads: how the output tensors of a detector become candidate boxes.
#pragma once

#include <saker/detector_spec.h>

#include <array>
#include <cstdint>
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

// What was found out about a model's outputs.
struct HeadSpec {
  HeadKind kind = HeadKind::kAuto;
  int classes = 0;  // 0: the shapes do not tell (heads with their own suppression); set it before decoding
  int input_height = 0, input_width = 0;
  std::vector<int> strides;  // input pixels a cell, one per level
  // Which outputs: one; one per level; scores and sides per level (kNanodet, kYolov8Raw) or of all levels (kYolov8Raw);
  // boxes and scores (kBoxesScores, kDetr); boxes, scores, classes and perhaps their number (kNmsOutputs, kRows).
  std::vector<std::size_t> outputs;
  bool channels_first = false;  // [channels, cells] or [channels, H, W]; of boxes and scores apart the scores
  bool boxes_first = false;     // the same of the boxes
  int extra_channels = 0;       // after the class scores (mask coefficients, keypoints); not read
  int bins = 0;                 // of the distribution of one side (kNanodet, kNanodetPlus, kYolov8Raw); 1: the distance
  int score_first = 0;          // channel of the first class score, where that may differ
  bool corners = false;         // boxes are x1, y1, x2, y2 rather than centre and size
  bool normalized = false;      // boxes are fractions of the input
  bool class_first = false;     // rows are class, score and corners (kEndToEnd)
  bool logits = false;          // scores are before the sigmoid; of kYolov5Raw everything
  bool no_object = false;       // they are before the softmax, and the class after the last is "nothing" (kDetr)
  bool imagenet = false;        // pictures are normalized with ImageNet's mean and deviation (kDetr)
  std::vector<std::array<float, 2>> anchors;  // kYolov5Raw: width and height in input pixels, three a level
};

// Those of YOLOv5's COCO models, for strides 8, 16 and 32.
std::vector<std::array<float, 2>> coco_anchors();

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

// What one family of heads trains with, and what such a model does.
Preprocess default_preprocess(HeadKind kind);
Preprocess default_preprocess(const HeadSpec& spec);

}  // namespace saker
