#include "eval/coco_curve.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace saker {
namespace {

std::int64_t weight_of(std::span<const std::int32_t> weights, std::int32_t picture) {
  return weights.empty() ? 1 : weights[static_cast<std::size_t>(picture)];
}

// The fewest hits with hits / to_find >= recall, where the division rounds as the reference's does.
std::int64_t fewest_hits(double recall, std::int64_t to_find) {
  const auto total = static_cast<double>(to_find);
  auto hits = static_cast<std::int64_t>(std::ceil(recall * total));
  while (hits > 0 && static_cast<double>(hits - 1) / total >= recall) --hits;
  while (static_cast<double>(hits) / total < recall) ++hits;
  return hits;
}

// How many of the recalls so many hits reach.
int recalls_within(std::int64_t hits, std::int64_t to_find) {
  const double recall = static_cast<double>(hits) / static_cast<double>(to_find);
  int last = std::min(static_cast<int>(recall * 100) + 1, kCocoRecalls - 1);
  while (last > 0 && last * .01 > recall) --last;
  return last + 1;
}

}  // namespace

std::int64_t CocoMatches::boxes_to_find(std::span<const std::int32_t> weights) const {
  std::int64_t sum = 0;
  for (const TrueBoxes& t : truths) sum += weight_of(weights, t.picture) * t.count;
  return sum;
}

void CocoCurveMaker::count(const CocoMatches& matches, std::span<const std::int32_t> weights) {
  for (Threshold& t : thresholds_) {
    t.hits = t.hits1 = t.hits10 = t.misses = 0;
    t.points.clear();
  }
  missed_everywhere_ = 0;
  const std::vector<CocoEvent>& events = matches.events;
  for (std::size_t i = 0; i < events.size();) {
    std::size_t end = i + 1;
    while (end < events.size() && events[end].tied) ++end;
    const std::int64_t times = weight_of(weights, events[i].picture);
    if (end == i + 1) {
      if (times > 0) add(events[i], times);
    } else {  // copies of a picture come one after another, each with its equal scores in their order
      for (std::int64_t copy = 0; copy < times; ++copy)
        for (std::size_t k = i; k < end; ++k) add(events[k], 1);
    }
    i = end;
  }
}

const CocoCurve& CocoCurveMaker::make(const CocoMatches& matches, std::span<const std::int32_t> weights,
                                      std::int64_t to_find) {
  count(matches, weights);
  for (int r = 0; r < kCocoRecalls; ++r)  // numpy.linspace(0, 1, 101)
    hits_needed_[static_cast<std::size_t>(r)] = fewest_hits(r * .01, to_find);
  const auto total = static_cast<double>(to_find);
  for (std::size_t t = 0; t < kCocoThresholds; ++t) {
    const Threshold& from = thresholds_[t];
    read_precision(from, curve_.precision[t]);
    curve_.recall1[t] = static_cast<double>(from.hits1) / total;
    curve_.recall10[t] = static_cast<double>(from.hits10) / total;
    curve_.recall100[t] = static_cast<double>(from.hits) / total;
  }
  return curve_;
}

CocoCurveSums CocoCurveMaker::sum(const CocoMatches& matches, std::span<const std::int32_t> weights,
                                  std::int64_t to_find) {
  count(matches, weights);
  CocoCurveSums sums;
  const auto total = static_cast<double>(to_find);
  for (std::size_t t = 0; t < kCocoThresholds; ++t) {
    const Threshold& from = thresholds_[t];
    double best = 0, precision = 0;
    int reached = recalls_within(from.hits, to_find);
    for (std::size_t i = from.points.size(); i-- > 0;) {
      best = std::max(best, from.points[i].precision);
      const int below = i == 0 ? 0 : recalls_within(from.points[i - 1].hits, to_find);
      precision += best * (reached - below);
      reached = below;
    }
    sums.precision[t] = precision;
    sums.recall1[t] = static_cast<double>(from.hits1) / total;
    sums.recall10[t] = static_cast<double>(from.hits10) / total;
    sums.recall100[t] = static_cast<double>(from.hits) / total;
  }
  return sums;
}

// Precision matters only where recall grows. Of several hits in a row the last has the best precision, so one point
// for all copies will do.
void CocoCurveMaker::add(const CocoEvent& event, std::int64_t times) {
  if (event.miss == kEveryThreshold) {
    missed_everywhere_ += times;
    return;
  }
  for (unsigned bits = event.miss; bits != 0; bits &= bits - 1)
    thresholds_[static_cast<std::size_t>(std::countr_zero(bits))].misses += times;
  for (unsigned bits = event.hit; bits != 0; bits &= bits - 1) {
    Threshold& t = thresholds_[static_cast<std::size_t>(std::countr_zero(bits))];
    t.hits += times;
    if (event.rank < 1) t.hits1 += times;
    if (event.rank < 10) t.hits10 += times;
    const auto misses = static_cast<double>(t.misses + missed_everywhere_), hits = static_cast<double>(t.hits);
    t.points.push_back({t.hits, hits / (misses + hits + std::numeric_limits<double>::epsilon())});
  }
}

// At each recall the best precision there or further on; 0 where no score reaches it.
void CocoCurveMaker::read_precision(const Threshold& threshold, std::array<double, kCocoRecalls>& precision) const {
  double best = 0;
  std::size_t left = threshold.points.size();
  for (std::size_t r = kCocoRecalls; r-- > 0;) {
    for (; left > 0 && threshold.points[left - 1].hits >= hits_needed_[r]; --left)
      best = std::max(best, threshold.points[left - 1].precision);
    precision[r] = best;
  }
}

// Source: numpy/_core/src/umath/loops_utils.h.src, pairwise_sum.
double numpy_sum(std::span<const double> v) {
  constexpr std::size_t kLanes = 8, kBlock = 128;
  const std::size_t n = v.size();
  if (n > kBlock) {
    const std::size_t half = n / 2 - n / 2 % kLanes;
    return numpy_sum(v.first(half)) + numpy_sum(v.subspan(half));
  }
  if (n < kLanes) {
    double sum = 0;
    for (const double value : v) sum += value;
    return sum;
  }
  std::array<double, kLanes> lane;
  std::copy_n(v.begin(), kLanes, lane.begin());
  std::size_t i = kLanes;
  for (; i < n - n % kLanes; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) lane[k] += v[i + k];
  double sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
  for (; i < n; ++i) sum += v[i];
  return sum;
}

}  // namespace saker
