#include "losses/assign_anchors.h"

#include <algorithm>
#include <cmath>

namespace saker::losses {
namespace {

// Which neighbour of a middle's cell, and whether the middle is near it. Offsets in cells.
struct Neighbour {
  float dx = 0, dy = 0;

  bool is_near(float x, float y, float width, float height) const {
    if (dx < 0) return is_low(x);
    if (dy < 0) return is_low(y);
    if (dx > 0) return is_low(width - x);
    if (dy > 0) return is_low(height - y);
    return true;
  }

 private:
  static bool is_low(float at) { return at > 1 && at - std::floor(at) < 0.5F; }
};
constexpr Neighbour kNeighbours[] = {{0, 0}, {-0.5F, 0}, {0, -0.5F}, {0.5F, 0}, {0, 0.5F}};

bool fits(const Target& target, float anchor_w, float anchor_h, double anchor_t) {
  const float w = target.w / anchor_w, h = target.h / anchor_h;
  return w > 0 && h > 0 && static_cast<double>(std::max({w, 1 / w, h, 1 / h})) < anchor_t;
}

std::int32_t cell_at(float at, std::int64_t count) {
  return static_cast<std::int32_t>(std::clamp(std::trunc(at), 0.F, static_cast<float>(count - 1)));
}

}  // namespace

std::vector<AnchorMatch> match_anchors(std::span<const Target> targets, const AnchorGrid& grid, double anchor_t) {
  std::vector<AnchorMatch> sized, matches;
  for (std::size_t a = 0; a + 1 < grid.anchors.size(); a += 2) {
    for (std::size_t t = 0; t < targets.size(); ++t) {
      if (!fits(targets[t], grid.anchors[a], grid.anchors[a + 1], anchor_t)) continue;
      sized.push_back({static_cast<std::int32_t>(t), static_cast<std::int32_t>(a / 2)});
    }
  }
  for (const Neighbour& neighbour : kNeighbours) {
    for (AnchorMatch match : sized) {
      const Target& target = targets[static_cast<std::size_t>(match.target)];
      const float x = target.x / grid.stride, y = target.y / grid.stride;
      if (!neighbour.is_near(x, y, static_cast<float>(grid.width), static_cast<float>(grid.height))) continue;
      match.y = cell_at(y + neighbour.dy, grid.height);
      match.x = cell_at(x + neighbour.dx, grid.width);
      matches.push_back(match);
    }
  }
  return matches;
}

}  // namespace saker::losses
