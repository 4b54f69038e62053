// Non-maximum suppression: greedy, by class.
#pragma once

#include <vector>

#include "detect/heads/head.h"

namespace saker {

// Intersection over union; NaN for two boxes without area.
float box_iou(const Candidate& a, const Candidate& b);

struct NmsOptions {
  float iou = 0.45F;  // a box is dropped when it overlaps a better one by more
  int max_det = 300;
  bool agnostic = false;               // across classes
  std::size_t max_candidates = 30000;  // only the best take part
};

// The boxes that remain, best first; equal scores in the order given.
std::vector<Candidate> suppress(const std::vector<Candidate>& candidates, const NmsOptions& options);

// The `count` best, best first; equal scores in the order given.
std::vector<Candidate> best_candidates(const std::vector<Candidate>& candidates, std::size_t count);

}  // namespace saker
