#include "eval/coco_match.h"

#include <algorithm>

namespace saker {
namespace {

// bbIou of maskApi.c, operation by operation. A crowd holds many objects: what counts is how much of the box lies in
// it. Areas too small for a double give 0 / 0, which the comparisons of `best` let pass, as the reference does.
double overlap(const ScoredBox& box, const Annotation& truth) {
  const double w = std::min(box.w + box.x, truth.w + truth.x) - std::max(box.x, truth.x);
  if (w <= 0) return 0;
  const double h = std::min(box.h + box.y, truth.h + truth.y) - std::max(box.y, truth.y);
  if (h <= 0) return 0;
  const double both = w * h, area = box.w * box.h;
  return both / (truth.crowd ? area : area + truth.w * truth.h - both);
}

}  // namespace

void CocoMatcher::match(std::span<const std::uint32_t> truths, std::span<const std::uint32_t> boxes,
                        std::span<Verdicts> verdicts) {
  find_candidates(truths, boxes);
  for (int a = 0; a < kCocoAreas; ++a) {
    const auto area = static_cast<std::size_t>(a);
    seen_.clear();
    for (const std::uint32_t index : truths) {
      const Annotation& t = truth_[index];
      // The reference notes a match as the id of the true box, with 0 for none. So a true box with id 0 can be taken
      // but its finder counts as unmatched. Kept, since equality is the point; CocoEvaluation::zero_ids tells.
      seen_.push_back({.ignored = ignored(t, a), .crowd = t.crowd, .counts = t.id != 0, .taken = 0});
    }
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const ScoredBox& box = found_[boxes[i]];
      const auto candidates = std::span(candidates_).subspan(first_[i], first_[i + 1] - first_[i]);
      verdicts[i][area] = judge(candidates, !kCocoAreaRanges[area].contains(box.w * box.h));
    }
  }
}

// Most boxes overlap nothing enough for the lowest threshold.
void CocoMatcher::find_candidates(std::span<const std::uint32_t> truths, std::span<const std::uint32_t> boxes) {
  candidates_.clear();
  first_.assign(1, 0);
  for (const std::uint32_t box : boxes) {
    for (std::uint32_t t = 0; t < truths.size(); ++t) {
      const double iou = overlap(found_[box], truth_[truths[t]]);
      if (!(iou < kCocoIou.front())) candidates_.push_back({t, iou});
    }
    first_.push_back(candidates_.size());
  }
}

// Boxes come best score first, and each takes what it likes best of what is left, separately for each threshold. True
// boxes that count come before ignored ones, whatever the overlap.
Verdict CocoMatcher::judge(std::span<const Candidate> candidates, bool outside) {
  Verdict verdict;
  if (candidates.empty()) {
    if (!outside) verdict.miss = kEveryThreshold;
    return verdict;
  }
  for (int t = 0; t < kCocoThresholds; ++t) {
    Seen* taken = best(candidates, t, false);
    if (taken == nullptr) taken = best(candidates, t, true);
    const auto bit = static_cast<std::uint16_t>(1U << t);
    if (taken != nullptr) taken->taken |= bit;
    const bool matched = taken != nullptr && taken->counts;
    if ((taken != nullptr && taken->ignored) || (!matched && outside)) continue;
    (matched ? verdict.hit : verdict.miss) |= bit;
  }
  return verdict;
}

// The largest overlap, of equal ones the last. A crowd may be taken any number of times.
CocoMatcher::Seen* CocoMatcher::best(std::span<const Candidate> candidates, int threshold, bool ignored) {
  const auto t = static_cast<std::size_t>(threshold);
  double least = kCocoIou[t];
  Seen* found = nullptr;
  for (const Candidate& c : candidates) {
    Seen& truth = seen_[c.truth];
    const bool gone = (truth.taken >> t & 1U) != 0 && !truth.crowd;
    if (truth.ignored != ignored || gone || c.iou < least) continue;
    least = c.iou;
    found = &truth;
  }
  return found;
}

}  // namespace saker
