#include "eval/coco_collect.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "base/check.h"
#include "base/parallel.h"

namespace saker {
namespace {

// What was found and what is true of one category in one picture.
struct Group {
  std::size_t category;  // place in the order of ids
  std::int32_t picture;  // index into the dataset's pictures
  std::span<std::uint32_t> boxes;
  std::span<const std::uint32_t> truths;
  std::span<Verdicts> verdicts;  // one a box
};

struct Places {
  std::vector<std::size_t> category, picture;
};

// Stable. `items` holds indices, key_of(index) is below `keys`.
template <typename KeyOf>
std::vector<std::uint32_t> counting_sort(const std::vector<std::uint32_t>& items, std::size_t keys, KeyOf&& key_of) {
  std::vector<std::size_t> next(keys + 1);
  for (const std::uint32_t i : items) ++next[key_of(i) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::uint32_t> sorted(items.size());
  for (const std::uint32_t i : items) sorted[next[key_of(i)]++] = i;
  return sorted;
}

// Indices of the boxes by category, then picture, then place in the list.
template <typename Box>
std::vector<std::uint32_t> sort_out(std::span<const Box> boxes, const Places& places) {
  SAKER_CHECK(boxes.size() <= UINT32_MAX);
  for (const Box& b : boxes) {
    SAKER_CHECK(b.picture >= 0 && static_cast<std::size_t>(b.picture) < places.picture.size());
    SAKER_CHECK(b.category >= 0 && static_cast<std::size_t>(b.category) < places.category.size());
  }
  std::vector<std::uint32_t> order(boxes.size());
  std::iota(order.begin(), order.end(), 0U);
  order = counting_sort(order, places.picture.size(),
                        [&](std::uint32_t i) { return places.picture[static_cast<std::size_t>(boxes[i].picture)]; });
  return counting_sort(order, places.category.size(),
                       [&](std::uint32_t i) { return places.category[static_cast<std::size_t>(boxes[i].category)]; });
}

// How many of the indices from `first` on are of the same picture and category.
template <typename Box>
std::size_t run_length(std::span<const Box> boxes, std::span<const std::uint32_t> order, std::size_t first,
                       std::int32_t category, std::int32_t picture) {
  std::size_t end = first;
  while (end < order.size() && boxes[order[end]].category == category && boxes[order[end]].picture == picture) ++end;
  return end - first;
}

// Every category and picture that has a box of either kind.
std::vector<Group> make_groups(std::span<const Annotation> truths, std::span<const std::uint32_t> truth_order,
                               std::span<const ScoredBox> found, std::span<std::uint32_t> found_order,
                               std::span<Verdicts> verdicts, const Places& places) {
  const auto place = [&](const auto& box) {
    return std::pair(places.category[static_cast<std::size_t>(box.category)],
                     places.picture[static_cast<std::size_t>(box.picture)]);
  };
  std::vector<Group> groups;
  for (std::size_t f = 0, t = 0; f < found_order.size() || t < truth_order.size();) {
    const bool truth_first = f == found_order.size() ||
                             (t < truth_order.size() && place(truths[truth_order[t]]) < place(found[found_order[f]]));
    const std::int32_t category = truth_first ? truths[truth_order[t]].category : found[found_order[f]].category;
    const std::int32_t picture = truth_first ? truths[truth_order[t]].picture : found[found_order[f]].picture;
    const std::size_t boxes = run_length(found, found_order, f, category, picture);
    const std::size_t objects = run_length(truths, truth_order, t, category, picture);
    groups.push_back({.category = places.category[static_cast<std::size_t>(category)],
                      .picture = picture,
                      .boxes = found_order.subspan(f, boxes),
                      .truths = truth_order.subspan(t, objects),
                      .verdicts = verdicts.subspan(f, boxes)});
    f += boxes;
    t += objects;
  }
  return groups;
}

// The best hundred boxes, best first; of equal scores the first in the list.
void keep_best(Group& group, std::span<const ScoredBox> found) {
  std::stable_sort(group.boxes.begin(), group.boxes.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return found[a].score > found[b].score; });
  const std::size_t kept = std::min(group.boxes.size(), kCocoMaxBoxes);
  group.boxes = group.boxes.first(kept);
  group.verdicts = group.verdicts.first(kept);
}

struct Ranked {
  double score;
  const Verdicts* verdicts;  // these lie in the order that equal scores keep
  std::int32_t picture;
  std::uint8_t rank;
};

std::vector<Ranked> by_score(std::span<const Group> groups, std::span<const ScoredBox> found) {
  std::vector<Ranked> ranked;
  for (const Group& g : groups)
    for (std::size_t i = 0; i < g.boxes.size(); ++i)
      ranked.push_back({found[g.boxes[i]].score, &g.verdicts[i], g.picture, static_cast<std::uint8_t>(i)});
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score > b.score : a.verdicts < b.verdicts;
  });
  return ranked;
}

CocoMatches line_up(std::span<const Group> groups, std::span<const Ranked> ranked, std::span<const Annotation> truths,
                    int area) {
  const auto verdict_of = [&](const Ranked& r) { return (*r.verdicts)[static_cast<std::size_t>(area)]; };
  const auto counts = [&](const Ranked& r) { return (verdict_of(r).hit | verdict_of(r).miss) != 0; };
  CocoMatches matches;
  matches.events.reserve(static_cast<std::size_t>(std::count_if(ranked.begin(), ranked.end(), counts)));
  const Ranked* last = nullptr;
  for (const Ranked& r : ranked) {
    if (!counts(r)) continue;
    const bool tied = last != nullptr && last->picture == r.picture && last->score == r.score;
    matches.events.push_back({r.picture, verdict_of(r).hit, verdict_of(r).miss, r.rank, tied});
    last = &r;
  }
  for (const Group& g : groups) {
    const auto count =
        std::count_if(g.truths.begin(), g.truths.end(), [&](std::uint32_t i) { return !ignored(truths[i], area); });
    if (count > 0) matches.truths.push_back({g.picture, static_cast<std::int32_t>(count)});
  }
  return matches;
}

}  // namespace

std::vector<CocoCategory> collect_matches(const Dataset& truth, std::span<const ScoredBox> found, int threads) {
  SAKER_CHECK(std::none_of(found.begin(), found.end(), [](const ScoredBox& b) { return std::isnan(b.score); }));
  const std::span<const Annotation> truths = truth.annotations;
  const Places places{places_by_id(truth.categories), places_by_id(truth.pictures)};
  const std::vector<std::uint32_t> truth_order = sort_out(truths, places);
  std::vector<std::uint32_t> found_order = sort_out(found, places);
  std::vector<Verdicts> verdicts(found.size());
  std::vector<Group> groups = make_groups(truths, truth_order, found, found_order, verdicts, places);

  constexpr std::size_t kChunk = 64;  // groups a task, some 100 us
  const auto chunks = static_cast<std::int64_t>((groups.size() + kChunk - 1) / kChunk);
  std::vector<CocoMatcher> matchers(static_cast<std::size_t>(loop_threads(threads, chunks)), {truths, found});
  parallel_for(threads, chunks, [&](std::int64_t chunk, int thread) {
    const std::size_t first = static_cast<std::size_t>(chunk) * kChunk;
    for (std::size_t i = first; i < std::min(first + kChunk, groups.size()); ++i) {
      keep_best(groups[i], found);
      matchers[static_cast<std::size_t>(thread)].match(groups[i].truths, groups[i].boxes, groups[i].verdicts);
    }
  });

  std::vector<CocoCategory> categories(truth.categories.size());
  parallel_for(threads, static_cast<std::int64_t>(categories.size()), [&](std::int64_t category, int) {
    const auto c = static_cast<std::size_t>(category);
    const auto low = std::ranges::lower_bound(groups, c, {}, &Group::category);
    const auto high = std::ranges::upper_bound(low, groups.end(), c, {}, &Group::category);
    const std::span<const Group> own(low, high);
    const std::vector<Ranked> ranked = by_score(own, found);
    for (int area = 0; area < kCocoAreas; ++area)
      categories[c][static_cast<std::size_t>(area)] = line_up(own, ranked, truths, area);
  });
  return categories;
}

}  // namespace saker
