// Precision over recall of one category in one range of area: COCOeval.accumulate, for pictures that count any number
// of times.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/coco_eval.h"
#include "eval/coco_match.h"

namespace saker {

// One box found that is not ignored at every threshold.
struct CocoEvent {
  std::int32_t picture;     // index into the dataset's pictures
  std::uint16_t hit, miss;  // bit t: at threshold t
  std::uint8_t rank;        // among the boxes of its picture and category, from 0
  bool tied;                // same picture and score as the event before
};

struct TrueBoxes {
  std::int32_t picture;
  std::int32_t count;  // of boxes to find, ignored ones left out
};

// All that the numbers of one category and range of area need.
struct CocoMatches {
  std::vector<CocoEvent> events;  // best score first; of equal scores the picture with the lower id first
  std::vector<TrueBoxes> truths;

  // `weights`: how often each picture counts; empty: once.
  std::int64_t boxes_to_find(std::span<const std::int32_t> weights) const;
};

struct CocoCurve {
  std::array<std::array<double, kCocoRecalls>, kCocoThresholds> precision;  // at recall r / 100
  std::array<double, kCocoThresholds> recall1, recall10, recall100;         // the best, with so many boxes a picture
};

// A curve in short: sums of precision over the recalls, rounded in another order than the curve's are.
struct CocoCurveSums {
  std::array<double, kCocoThresholds> precision, recall1, recall10, recall100;
};

// Keeps its memory between calls; one a thread.
class CocoCurveMaker {
 public:
  // to_find: boxes_to_find(weights), more than 0. The curve stays until the next call.
  const CocoCurve& make(const CocoMatches& matches, std::span<const std::int32_t> weights, std::int64_t to_find);
  // In a time that goes with the events alone.
  CocoCurveSums sum(const CocoMatches& matches, std::span<const std::int32_t> weights, std::int64_t to_find);

 private:
  struct Point {
    std::int64_t hits;  // up to here
    double precision;
  };
  struct Threshold {
    std::int64_t hits = 0, hits1 = 0, hits10 = 0;  // at any rank, below 1, below 10
    std::int64_t misses = 0;
    std::vector<Point> points;  // after each event with a hit
  };

  void count(const CocoMatches& matches, std::span<const std::int32_t> weights);
  void add(const CocoEvent& event, std::int64_t times);
  void read_precision(const Threshold& threshold, std::array<double, kCocoRecalls>& precision) const;

  std::array<Threshold, kCocoThresholds> thresholds_;
  std::int64_t missed_everywhere_ = 0;                  // events that are a miss at every threshold, the usual case
  std::array<std::int64_t, kCocoRecalls> hits_needed_;  // for each recall
  CocoCurve curve_;
};

// The sum with numpy's order of additions, so that means equal the reference's to the last bit.
double numpy_sum(std::span<const double> values);

}  // namespace saker
