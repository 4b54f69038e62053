// COCO's detection metrics, equal to pycocotools' COCOeval for boxes in all twelve numbers.
// Source of every rule: cocodataset/cocoapi, PythonAPI/pycocotools/cocoeval.py and common/maskApi.c.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace saker {

constexpr int kCocoThresholds = 10;  // IoU .50, .55, ... .95
constexpr int kCocoRecalls = 101;    // recall 0, .01, ... 1

// In the order of COCOeval.stats; -1 where there is nothing to measure.
struct CocoNumbers {
  double ap = -1, ap50 = -1, ap75 = -1, ap_small = -1, ap_medium = -1, ap_large = -1;
  double ar1 = -1, ar10 = -1, ar100 = -1, ar_small = -1, ar_medium = -1, ar_large = -1;
  std::array<double, 12> list() const {
    return {ap, ap50, ap75, ap_small, ap_medium, ap_large, ar1, ar10, ar100, ar_small, ar_medium, ar_large};
  }
};
extern const std::array<std::string_view, 12> kCocoNumberNames;  // "AP", "AP50", ... "ARl", as in the JSON

// Matches of every picture, made once; sums over any choice of pictures are cheap after that.
class CocoEvaluation {
 public:
  // Scores must not be NaN. Boxes of one picture and category keep the order of the list where scores are equal.
  // threads 0: all CPUs.
  static CocoEvaluation match(const Dataset& truth, std::span<const ScoredBox> found, int threads = 0);
  CocoEvaluation(CocoEvaluation&&) noexcept;
  CocoEvaluation& operator=(CocoEvaluation&&) noexcept;
  ~CocoEvaluation();

  std::size_t pictures() const;
  // True boxes with annotation id 0. The reference takes their finders for mistakes, and so do we: warn of them.
  std::size_t zero_ids() const;

  // `weights`: how often each picture counts, 0 or more, parallel to the dataset's pictures; empty: once. The same
  // numbers as of a dataset where copies of a picture follow one another. threads 0: as given to match.
  CocoNumbers numbers(std::span<const std::int32_t> weights = {}, int threads = 0) const;
  // The same of one of many choices, on this thread: with more than 1000 categories in a time that goes with the boxes,
  // and equal but for the rounding of sums.
  CocoNumbers resampled(std::span<const std::int32_t> weights) const;
  // One a category, in the dataset's order: the same twelve numbers for it alone.
  std::vector<CocoNumbers> per_category() const;
  // AP of each picture as if it were the only one: the mean over its categories that have boxes to find; -1 without.
  std::vector<double> per_picture_ap() const;
  // Precision at the 101 recalls for IoU .50 (threshold 0) to .95 (9), all areas, 100 boxes; -1 where not measured.
  std::vector<double> precision_curve(int category, int threshold) const;

 private:
  struct State;
  explicit CocoEvaluation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The difference of two models on the same pictures, b - a, with a bootstrap interval over pictures
// (Efron & Tibshirani 1993, percentile method): both are scored on the same resampled sets. All 0 where one of them
// has nothing to measure.
struct Difference {
  double value = 0, low = 0, high = 0;  // of the 95 % interval
  bool significant() const { return low > 0 || high < 0; }
};
struct Differences {
  std::array<Difference, 12> coco;  // in the order of CocoNumbers::list
  int samples = 0;
};
Differences bootstrap_difference(const CocoEvaluation& a, const CocoEvaluation& b, int samples, std::uint64_t seed,
                                 int threads = 0);

}  // namespace saker
