// The boxes of each picture, true and found, as the YOLO frameworks look at them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"

namespace saker {

// Edges in float: the frameworks reckon IoU in float32, and whether it reaches a threshold can hang on the last bit.
struct EdgeBox {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  std::int32_t category = 0;
};

EdgeBox edges(const Annotation& box);
EdgeBox edges(const ScoredBox& box);

// As the frameworks do: nothing but rounding for equal boxes stands between it and 1 (1e-7 in the divisor).
float iou(const EdgeBox& a, const EdgeBox& b);

// Each of `found`, in their order, takes the best true box that is free and whose IoU is above `least`: its place in
// `truth`, or -1.
std::vector<std::int32_t> match_greedily(std::span<const EdgeBox> truth, std::span<const EdgeBox> found, float least,
                                         bool same_category);

struct PictureBoxes {
  std::vector<std::uint32_t> truth;  // places in Dataset::annotations: no crowds, boxes with an extent, none twice
  std::vector<std::uint32_t> found;  // places in the list of boxes, highest score first
};

// One a picture of the dataset.
std::vector<PictureBoxes> boxes_by_picture(const Dataset& truth, std::span<const ScoredBox> found, int threads = 0);

}  // namespace saker
