// Formulas: Ultralytics 8.4.190, engine/validator.py (match_predictions) and utils/metrics.py (ap_per_class,
// compute_ap, smooth); the classic rules: YOLOv5 7.0, val.py (process_batch) and utils/metrics.py. interp() is numpy's,
// its treatment of equal positions included. Compared with the libraries by tests/equivalence/yolo_metrics.py.
#include "eval/yolo_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "eval/picture_boxes.h"

namespace saker {
namespace {

constexpr int kThresholds = 10;
constexpr std::array<float, kThresholds> kIouThresholds = {0.5F,  0.55F, 0.6F,  0.65F, 0.7F,
                                                           0.75F, 0.8F,  0.85F, 0.9F,  0.95F};
constexpr int kRecallPoints = 101;
constexpr double kTiny = 1e-16;     // in divisors
constexpr double kSmoothing = 0.1;  // the filter's width as a part of the curve

using ThresholdMask = std::uint16_t;  // bit t: at kIouThresholds[t]

// The thresholds at which a found box gets one of `candidates`; marks those as taken. Highest IoU first.
struct Candidate {
  float iou = 0;
  std::size_t truth = 0;
};

ThresholdMask take(std::span<const Candidate> candidates, std::vector<ThresholdMask>& taken, YoloRules rules) {
  ThresholdMask correct = 0;
  for (int t = 0; t < kThresholds; ++t) {
    const auto bit = static_cast<ThresholdMask>(1U << t);
    for (const Candidate& candidate : candidates) {
      if (candidate.iou < kIouThresholds[static_cast<std::size_t>(t)]) break;
      if ((taken[candidate.truth] & bit) == 0) {
        taken[candidate.truth] |= bit;
        correct |= bit;
        break;
      }
      if (rules == YoloRules::kClassic) break;
    }
  }
  return correct;
}

// Fills in the masks of the picture's found boxes.
void match_picture(const PictureBoxes& picture, const Dataset& truth, std::span<const ScoredBox> found, YoloRules rules,
                   std::vector<ThresholdMask>& correct) {
  std::vector<EdgeBox> boxes;
  for (const std::uint32_t place : picture.truth) boxes.push_back(edges(truth.annotations[place]));
  std::vector<ThresholdMask> taken(boxes.size());
  std::vector<Candidate> candidates;
  for (const std::uint32_t place : picture.found) {
    const EdgeBox box = edges(found[place]);
    candidates.clear();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].category != box.category) continue;
      if (const float overlap = iou(boxes[i], box); overlap >= kIouThresholds[0]) candidates.push_back({overlap, i});
    }
    // Of equal ones the first counts, under the classic rules the last.
    if (rules == YoloRules::kClassic) std::reverse(candidates.begin(), candidates.end());
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.iou > b.iou; });
    correct[place] = take(candidates, taken, rules);
  }
}

// numpy.interp for one x: `at` ascending, `left` before it, the last value after it.
double interp(double x, const std::vector<double>& at, const std::vector<double>& values, double left) {
  const auto after = static_cast<std::size_t>(std::upper_bound(at.begin(), at.end(), x) - at.begin());
  if (after == 0) return left;
  const std::size_t i = after - 1;
  if (after == at.size() || at[i] == x) return values[i];
  return (values[after] - values[i]) / (at[after] - at[i]) * (x - at[i]) + values[i];
}

// numpy.linspace(0, 1, points)[i]
double evenly(int i, int points) {
  return i == points - 1 ? 1.0 : i * (1.0 / (points - 1));
}

struct PrecisionOfRecall {
  std::vector<double> recall, precision;  // precision: the highest at that recall or a higher one
  double at(double r) const { return interp(r, recall, precision, precision.front()); }
};

PrecisionOfRecall envelope(const std::vector<double>& recall, const std::vector<double>& precision, YoloRules rules) {
  PrecisionOfRecall curve{{0}, {1}};
  curve.recall.insert(curve.recall.end(), recall.begin(), recall.end());
  curve.precision.insert(curve.precision.end(), precision.begin(), precision.end());
  if (rules == YoloRules::kLatest) {
    curve.recall.push_back(recall.back());
    curve.precision.push_back(0);
  }
  curve.recall.push_back(1);
  curve.precision.push_back(0);
  for (std::size_t i = curve.precision.size() - 1; i-- > 0;) {
    curve.precision[i] = std::max(curve.precision[i], curve.precision[i + 1]);
  }
  return curve;
}

double average_precision(const PrecisionOfRecall& curve) {  // the trapezoid rule
  double area = 0, before = curve.at(0);
  for (int i = 1; i < kRecallPoints; ++i) {
    const double value = curve.at(evenly(i, kRecallPoints));
    area += (evenly(i, kRecallPoints) - evenly(i - 1, kRecallPoints)) * (value + before) / 2;
    before = value;
  }
  return area;
}

// What is known of a category before its curves are made.
struct CategoryBoxes {
  std::int64_t pictures = 0, truth = 0;
  std::vector<std::uint32_t> found;  // by picture; places in the list
};

std::vector<CategoryBoxes> by_category(const std::vector<PictureBoxes>& pictures, const Dataset& truth,
                                       std::span<const ScoredBox> found) {
  std::vector<CategoryBoxes> categories(truth.categories.size());
  std::vector<std::size_t> last_picture(truth.categories.size(), pictures.size());
  for (std::size_t p = 0; p < pictures.size(); ++p) {
    for (const std::uint32_t place : pictures[p].truth) {
      const auto category = static_cast<std::size_t>(truth.annotations[place].category);
      ++categories[category].truth;
      categories[category].pictures += last_picture[category] != p ? 1 : 0;
      last_picture[category] = p;
    }
    for (const std::uint32_t place : pictures[p].found) {
      categories[static_cast<std::size_t>(found[place].category)].found.push_back(place);
    }
  }
  return categories;
}

// AP at every threshold into `numbers`, and the curves at IoU 0.5.
void measure(CategoryBoxes& boxes, std::span<const ScoredBox> found, const std::vector<ThresholdMask>& correct,
             YoloRules rules, YoloCategory& category) {
  YoloCurves& curves = category.curves;
  for (auto* curve : {&curves.precision, &curves.recall, &curves.f1, &curves.precision_of_recall}) {
    curve->assign(kCurvePoints, 0.0);
  }
  if (boxes.found.empty()) return;
  std::stable_sort(boxes.found.begin(), boxes.found.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return found[a].score > found[b].score; });
  const std::size_t count = boxes.found.size();
  std::vector<double> recall(count), precision(count), minus_score(count);
  for (std::size_t i = 0; i < count; ++i) minus_score[i] = -found[boxes.found[i]].score;
  for (int t = kThresholds - 1; t >= 0; --t) {
    std::int64_t hits = 0;
    for (std::size_t i = 0; i < count; ++i) {
      hits += correct[boxes.found[i]] >> t & 1;
      recall[i] = static_cast<double>(hits) / (static_cast<double>(boxes.truth) + kTiny);
      precision[i] = static_cast<double>(hits) / static_cast<double>(i + 1);
    }
    const PrecisionOfRecall curve = envelope(recall, precision, rules);
    const double ap = average_precision(curve);
    category.numbers.map50_95 += ap / kThresholds;
    if (t > 0) continue;
    category.numbers.map50 = ap;
    for (int i = 0; i < kCurvePoints; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double x = evenly(i, kCurvePoints);
      const double r = interp(-x, minus_score, recall, 0), p = interp(-x, minus_score, precision, 1);
      curves.recall[at] = r;
      curves.precision[at] = p;
      curves.f1[at] = 2 * p * r / (p + r + kTiny);
      curves.precision_of_recall[at] = curve.at(x);
    }
  }
}

// Where the curve, smoothed by a box filter that continues its ends, is highest.
std::size_t best_point(const std::vector<double>& curve) {
  const auto size = static_cast<std::int64_t>(curve.size());
  const auto half = std::lround(static_cast<double>(size) * kSmoothing * 2) / 2 / 2;
  std::size_t best = 0;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < size; ++i) {
    double sum = 0;
    for (std::int64_t k = i - half; k <= i + half; ++k) {
      sum += curve[static_cast<std::size_t>(std::clamp<std::int64_t>(k, 0, size - 1))] *
             (1.0 / static_cast<double>(2 * half + 1));
    }
    if (sum > highest) highest = sum, best = static_cast<std::size_t>(i);
  }
  return best;
}

std::vector<double> mean_curve(const std::vector<YoloCategory>& categories, std::vector<double> YoloCurves::*curve) {
  std::vector<double> mean(kCurvePoints);
  for (const YoloCategory& category : categories) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += (category.curves.*curve)[i];
  }
  for (double& v : mean) v /= static_cast<double>(categories.size());
  return mean;
}

// Means, and every category's numbers at the confidence of the best mean F1.
void summarise(YoloEvaluation& result) {
  if (result.categories.empty()) return;
  result.curves = {mean_curve(result.categories, &YoloCurves::precision),
                   mean_curve(result.categories, &YoloCurves::recall), mean_curve(result.categories, &YoloCurves::f1),
                   mean_curve(result.categories, &YoloCurves::precision_of_recall)};
  const std::size_t best = best_point(result.curves.f1);
  result.confidence = evenly(static_cast<int>(best), kCurvePoints);
  result.all.precision = result.curves.precision[best];
  result.all.recall = result.curves.recall[best];
  result.all.f1 = result.curves.f1[best];
  for (YoloCategory& category : result.categories) {
    category.numbers.precision = category.curves.precision[best];
    category.numbers.recall = category.curves.recall[best];
    category.numbers.f1 = category.curves.f1[best];
    result.all.map50 += category.numbers.map50 / static_cast<double>(result.categories.size());
    result.all.map50_95 += category.numbers.map50_95 / static_cast<double>(result.categories.size());
    if (result.categories.size() > kMostCurves) category.curves = {};
  }
}

}  // namespace

YoloEvaluation evaluate_yolo(const Dataset& truth, std::span<const ScoredBox> found, int threads, YoloRules rules) {
  const std::vector<PictureBoxes> pictures = boxes_by_picture(truth, found, threads);
  std::vector<ThresholdMask> correct(found.size());
  parallel_for(threads, static_cast<std::int64_t>(pictures.size()), [&](std::int64_t i, int) {
    match_picture(pictures[static_cast<std::size_t>(i)], truth, found, rules, correct);
  });

  std::vector<CategoryBoxes> categories = by_category(pictures, truth, found);
  YoloEvaluation result;
  for (std::size_t c = 0; c < categories.size(); ++c) {
    if (categories[c].truth == 0) continue;
    YoloCategory category;
    category.category = static_cast<int>(c);
    category.pictures = static_cast<int>(categories[c].pictures);
    category.boxes = static_cast<int>(categories[c].truth);
    result.categories.push_back(std::move(category));
  }
  parallel_for(threads, static_cast<std::int64_t>(result.categories.size()), [&](std::int64_t i, int) {
    YoloCategory& category = result.categories[static_cast<std::size_t>(i)];
    measure(categories[static_cast<std::size_t>(category.category)], found, correct, rules, category);
  });
  summarise(result);
  return result;
}

}  // namespace saker
