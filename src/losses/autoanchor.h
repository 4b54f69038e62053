// Anchors for the boxes of a data set (YOLOv5's AutoAnchor): whether those of the model fit, and better ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace saker::losses {

struct BoxSize {
  float w = 0, h = 0;  // pixels of the network's input
};

// The share of boxes for which some anchor is less than `anchor_t` times too large or too small on both sides.
double best_possible_recall(std::span<const BoxSize> boxes, std::span<const float> anchors, double anchor_t);

struct AutoAnchor {
  std::vector<float> anchors;     // width and height, sorted by area
  double recall = 0, before = 0;  // best possible, of these and of those given
  bool changed = false;  // false: those given were good enough (recall above 0.98), or no better ones were found
};

// K-means over the boxes' sizes, then a genetic search; the same for the same seed. Looks at 10000 boxes at most, drawn
// by the seed; both recalls are of all. Takes about a second.
AutoAnchor fit_anchors(std::span<const BoxSize> boxes, std::span<const float> anchors, double anchor_t,
                       std::uint64_t seed);

}  // namespace saker::losses
