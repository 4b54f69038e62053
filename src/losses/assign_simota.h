// SimOTA, YOLOX's assignment (Ge et al. 2021), as its main branch has it: of the cells near a true box's middle, as
// many as overlap it in sum, those of the least cost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "losses/iou.h"
#include "losses/loss.h"

namespace saker::losses {

struct YoloxLevel {
  MapView boxes, objectness, scores;
  float stride = 0;
  std::int64_t first_cell = 0;  // cells are counted level by level, row by row
};

struct SimotaPositive {
  std::int32_t cell = 0, target = 0;
  float overlap = 0;
};

// Keeps its memory from call to call: one for each thread.
class SimotaAssigner {
 public:
  // Of one picture; by cell. `mine`: the numbers of its targets. Predictions that are not finite are taken first, so
  // that the loss tells of them.
  const std::vector<SimotaPositive>& assign(std::span<const YoloxLevel> levels, std::int64_t picture,
                                            std::span<const Target> targets, std::span<const std::int32_t> mine);

 private:
  struct Candidate {
    std::int32_t cell = 0;
    float x = 0, y = 0, reach = 0;  // its middle, and how far a target's may be; in pixels
    std::int64_t scores = 0;        // place in the level's map
    std::int32_t level = 0;
    float objectness = 0;  // a probability
    float no_class = 0;    // the cost of its scores if it had no class
    Box<float> box = {};
  };
  struct Pair {
    float cost = 0, overlap = 0;
  };

  void find_candidates(std::span<const YoloxLevel> levels, std::int64_t picture, std::span<const Target> targets,
                       std::span<const std::int32_t> mine);
  Candidate candidate(const YoloxLevel& level, std::int32_t number, std::int64_t picture, std::int32_t cell) const;
  Pair compare(const Candidate& candidate, std::span<const YoloxLevel> levels, const Target& target) const;
  void pick(std::size_t row);

  std::vector<std::int32_t> cells_;
  std::vector<Candidate> candidates_;
  std::vector<Pair> pairs_;  // by target, then by candidate
  std::vector<std::int32_t> order_, picks_, owner_;
  std::vector<float> overlaps_;
  std::vector<SimotaPositive> positives_;
};

}  // namespace saker::losses
