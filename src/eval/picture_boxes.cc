#include "eval/picture_boxes.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/parallel.h"

namespace saker {
namespace {

EdgeBox edges(double x, double y, double w, double h, std::int32_t category) {
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + w), static_cast<float>(y + h), category};
}

// Keeps the first of boxes that repeat one another.
void drop_repeated(std::vector<std::uint32_t>& places, const Dataset& truth) {
  std::set<std::tuple<std::int32_t, double, double, double, double>> seen;
  std::erase_if(places, [&](std::uint32_t place) {
    const Annotation& box = truth.annotations[place];
    return !seen.insert({box.category, box.x, box.y, box.w, box.h}).second;
  });
}

}  // namespace

EdgeBox edges(const Annotation& box) {
  return edges(box.x, box.y, box.w, box.h, box.category);
}

EdgeBox edges(const ScoredBox& box) {
  return edges(box.x, box.y, box.w, box.h, box.category);
}

float iou(const EdgeBox& a, const EdgeBox& b) {
  constexpr float kNoDivisionByZero = 1e-7F;
  const float w = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1), 0.0F);
  const float h = std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1), 0.0F);
  const float inter = w * h;
  return inter / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - inter + kNoDivisionByZero);
}

std::vector<std::int32_t> match_greedily(std::span<const EdgeBox> truth, std::span<const EdgeBox> found, float least,
                                         bool same_category) {
  std::vector<bool> taken(truth.size());
  std::vector<std::int32_t> matches;
  for (const EdgeBox& box : found) {
    std::int32_t best = -1;
    float best_iou = least;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (taken[i] || (same_category && truth[i].category != box.category)) continue;
      if (const float overlap = iou(truth[i], box); overlap > best_iou) {
        best_iou = overlap;
        best = static_cast<std::int32_t>(i);
      }
    }
    if (best >= 0) taken[static_cast<std::size_t>(best)] = true;
    matches.push_back(best);
  }
  return matches;
}

std::vector<PictureBoxes> boxes_by_picture(const Dataset& truth, std::span<const ScoredBox> found, int threads) {
  std::vector<PictureBoxes> pictures(truth.pictures.size());
  for (std::size_t i = 0; i < truth.annotations.size(); ++i) {
    const Annotation& box = truth.annotations[i];
    if (box.crowd || box.w <= 0 || box.h <= 0) continue;
    pictures[static_cast<std::size_t>(box.picture)].truth.push_back(static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    pictures[static_cast<std::size_t>(found[i].picture)].found.push_back(static_cast<std::uint32_t>(i));
  }
  parallel_for(threads, static_cast<std::int64_t>(pictures.size()), [&](std::int64_t i, int) {
    PictureBoxes& picture = pictures[static_cast<std::size_t>(i)];
    drop_repeated(picture.truth, truth);
    std::stable_sort(picture.found.begin(), picture.found.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return found[a].score > found[b].score; });
  });
  return pictures;
}

}  // namespace saker
