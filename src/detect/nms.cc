// Greedy suppression with the conventions of Ultralytics (non_max_suppression: classes apart, the best
// 30000 candidates) and torchvision (ops.nms: dropped when iou > threshold).
#include "detect/nms.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace saker {
namespace {

float area(const Candidate& box) {
  return (box.x2 - box.x1) * (box.y2 - box.y1);
}

// Boxes already kept, one array a coordinate so that the comparison runs in vectors.
class KeptBoxes {
 public:
  bool overlaps(const Candidate& box, float threshold) const {
    const float x1 = box.x1, y1 = box.y1, x2 = box.x2, y2 = box.y2, own = area(box);
    int found = 0;
    for (std::size_t i = 0; i < x1_.size(); ++i) {
      const float width = std::max(0.0F, std::min(x2, x2_[i]) - std::max(x1, x1_[i]));
      const float height = std::max(0.0F, std::min(y2, y2_[i]) - std::max(y1, y1_[i]));
      const float inter = width * height;
      found |= static_cast<int>(inter / (area_[i] + own - inter) > threshold);
    }
    return found != 0;
  }

  void add(const Candidate& box) {
    x1_.push_back(box.x1);
    y1_.push_back(box.y1);
    x2_.push_back(box.x2);
    y2_.push_back(box.y2);
    area_.push_back(area(box));
  }

 private:
  std::vector<float> x1_, y1_, x2_, y2_, area_;
};

// Indexes of the `count` best, best first. Scores are finite; a NaN would count as the worst.
std::vector<std::uint32_t> best_indexes(const std::vector<Candidate>& candidates, std::size_t count) {
  std::vector<std::uint32_t> order;
  order.reserve(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].score == candidates[i].score) order.push_back(static_cast<std::uint32_t>(i));
  }
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    const float left = candidates[a].score, right = candidates[b].score;
    return left != right ? left > right : a < b;
  };
  if (order.size() > count) {
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), better);
    order.resize(count);
  }
  std::sort(order.begin(), order.end(), better);
  return order;
}

}  // namespace

float box_iou(const Candidate& a, const Candidate& b) {
  const float width = std::max(0.0F, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const float height = std::max(0.0F, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const float inter = width * height;
  return inter / (area(a) + area(b) - inter);
}

std::vector<Candidate> suppress(const std::vector<Candidate>& candidates, const NmsOptions& options) {
  std::vector<Candidate> kept;
  if (options.max_det <= 0) return kept;
  const auto limit = static_cast<std::size_t>(options.max_det);
  std::unordered_map<int, KeptBoxes> by_class;
  for (const std::uint32_t index : best_indexes(candidates, options.max_candidates)) {
    const Candidate& candidate = candidates[index];
    KeptBoxes& rivals = by_class[options.agnostic ? 0 : candidate.class_id];
    if (rivals.overlaps(candidate, options.iou)) continue;
    rivals.add(candidate);
    kept.push_back(candidate);
    if (kept.size() == limit) break;
  }
  return kept;
}

std::vector<Candidate> best_candidates(const std::vector<Candidate>& candidates, std::size_t count) {
  std::vector<Candidate> best;
  for (const std::uint32_t index : best_indexes(candidates, count)) best.push_back(candidates[index]);
  return best;
}

}  // namespace saker
