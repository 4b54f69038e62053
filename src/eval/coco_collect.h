// Boxes found and true boxes, sorted out by category and picture, matched, and lined up by score.
#pragma once

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "eval/coco_curve.h"
#include "eval/coco_match.h"

namespace saker {

using CocoCategory = std::array<CocoMatches, kCocoAreas>;

// Places of a list's entries when it is sorted by id, as the reference goes through pictures and categories.
template <typename Entry>
std::vector<std::size_t> places_by_id(const std::vector<Entry>& entries) {
  std::vector<std::size_t> order(entries.size()), places(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return entries[i].id; });
  for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}

// One a category, in the order of ids.
std::vector<CocoCategory> collect_matches(const Dataset& truth, std::span<const ScoredBox> found, int threads);

}  // namespace saker
