// YOLOv5's assignment: an anchor answers for the boxes of about its size, in the cell of their middle and in the two
// neighbours that the middle is nearest to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "losses/loss.h"

namespace saker::losses {

struct AnchorMatch {
  std::int32_t target = 0, anchor = 0, y = 0, x = 0;
};

struct AnchorGrid {
  std::int64_t height = 0, width = 0;  // cells
  float stride = 0;
  std::span<const float> anchors;  // of this level, in pixels
};

// In YOLOv5's order: those of the middles' cells, then of the neighbours at the left, above, at the right, below; in
// each by anchor, then by target. Where several meet, the last one's objectness counts.
std::vector<AnchorMatch> match_anchors(std::span<const Target> targets, const AnchorGrid& grid, double anchor_t);

}  // namespace saker::losses
