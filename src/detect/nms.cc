// Greedy suppression with the conventions of Ultralytics (non_max_suppression: classes apart, the best
// 30000 candidates) and torchvision (ops.nms: dropped when iou > threshold).
#include "detect/nms.h"

#include <algorithm>
#include <bit>
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

// The order of finite floats, best first, as the order of integers; +0 and -0 are the same.
std::uint32_t rank_of(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits & 0x80000000U) != 0 ? bits : 0x7FFFFFFFU - bits;
}

// Hands out the indexes of the `count` best candidates, best first, equal ones in the order given. They are sorted
// only as far as they are asked for: suppression seldom looks at all. Scores that are not numbers are left out.
class BestFirst {
 public:
  BestFirst(const std::vector<Candidate>& candidates, std::size_t count) {
    keys_.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const float score = candidates[i].score;
      if (score == score) keys_.push_back(std::uint64_t{rank_of(score)} << 32 | i);
    }
    end_ = std::min(count, keys_.size());
  }

  bool done() const { return next_ == end_; }
  std::size_t next() {
    if (next_ == sorted_) sort_more();
    return keys_[next_++] & 0xFFFFFFFFU;
  }

 private:
  void sort_more() {
    const auto at = [&](std::size_t i) { return keys_.begin() + static_cast<std::ptrdiff_t>(i); };
    const std::size_t to = std::min(end_, std::max<std::size_t>(512, 4 * sorted_));
    if (to < keys_.size()) std::nth_element(at(sorted_), at(to), keys_.end());
    std::sort(at(sorted_), at(to));
    sorted_ = to;
  }

  std::vector<std::uint64_t> keys_;  // rank, then index
  std::size_t next_ = 0, sorted_ = 0, end_ = 0;
};

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
  for (BestFirst order(candidates, options.max_candidates); !order.done();) {
    const Candidate& candidate = candidates[order.next()];
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
  for (BestFirst order(candidates, count); !order.done();) best.push_back(candidates[order.next()]);
  return best;
}

}  // namespace saker
