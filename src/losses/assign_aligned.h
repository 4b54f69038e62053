// Task-aligned assignment (Feng et al. 2021, TOOD) by the rules of Ultralytics 8.4: of the cells whose middles lie in a
// true box, the ten whose predictions fit it best in place and class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/logits/logits.h"
#include "losses/iou.h"
#include "losses/loss.h"

namespace saker::losses {

struct DistanceLevel {
  MapView boxes, scores;
  float stride = 0;
  std::int64_t first_cell = 0;  // cells are counted level by level, row by row
};

struct AlignedPositive {
  std::int32_t cell = 0, target = 0;
  float weight = 0;  // the target of its class's score
};

// Keeps its memory from call to call: one for each thread.
class AlignedAssigner {
 public:
  explicit AlignedAssigner(const LogitsKernel& kernel) : kernel_(kernel) {}

  // Of one picture; by cell. `mine`: the numbers of its targets. Predictions that are not finite are taken first, so
  // that the loss tells of them.
  const std::vector<AlignedPositive>& assign(std::span<const DistanceLevel> levels, std::int64_t picture,
                                             std::span<const Target> targets, std::span<const std::int32_t> mine);

 private:
  struct Fit {
    float metric = 0, overlap = 0;
    std::int32_t target = -1;
  };
  struct CellState {
    Fit best;    // of all targets that it lies in, by overlap
    Fit picked;  // by the last that picked it
    std::int32_t picks = 0;
    bool decoded = false;
    Box<float> box = {};
  };

  void pick_for(std::int32_t number, const Target& target, std::span<const DistanceLevel> levels, std::int64_t picture);
  const Box<float>& box_of(const DistanceLevel& level, std::int64_t picture, std::int64_t y, std::int64_t x);
  void settle(std::size_t targets);

  const LogitsKernel& kernel_;
  std::vector<CellState> cells_;
  std::vector<float> logits_;
  std::vector<std::int32_t> picked_;
  std::vector<Fit> fits_;                        // of the positives
  std::vector<float> top_metric_, top_overlap_;  // by target
  std::vector<AlignedPositive> positives_;
};

}  // namespace saker::losses
