// The numbers that the YOLO training frameworks print: precision, recall and F1 at the confidence of the best mean F1,
// mAP50 and mAP50-95 by their own interpolation. They differ from COCO's (crowds are no part of the truth, no cut at
// 100 boxes, another integral), so both are shown, labelled. Sources of the formulas are named in yolo_metrics.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"

namespace saker {

constexpr int kCurvePoints = 1000;  // confidences 0, 1/999, ... 1

// The frameworks changed two details over time: what a found box does whose best true box is taken by a more confident
// one, and how precision falls after the highest recall that was reached.
enum class YoloRules : std::uint8_t {
  kLatest,   // Ultralytics 8.4.190: it takes the best one that is free; precision falls at once
  kClassic,  // YOLOv5, Ultralytics up to 8.4.0: it goes without; precision falls in a straight line to recall 1
};

struct YoloNumbers {
  double precision = 0, recall = 0, f1 = 0;  // at `confidence`
  double map50 = 0, map50_95 = 0;
};

// Each of kCurvePoints values; index: round(confidence * (kCurvePoints - 1)); precision_of_recall: of recall, IoU 0.5.
struct YoloCurves {
  std::vector<double> precision, recall, f1, precision_of_recall;
};

struct YoloCategory {
  int category = 0;  // index into the dataset's categories
  int pictures = 0, boxes = 0;
  YoloNumbers numbers;
  YoloCurves curves;  // empty where more than kMostCurves categories have boxes
};
constexpr std::size_t kMostCurves = 1000;  // 32 KB each, and more lines than a plot can show

struct YoloEvaluation {
  YoloNumbers all;                       // means over the categories that have boxes
  double confidence = 0;                 // of the best mean F1
  YoloCurves curves;                     // means; empty when there are no boxes
  std::vector<YoloCategory> categories;  // those with boxes, in the dataset's order
};

// Scores must be finite. As the frameworks' label readers do, crowds, true boxes without an extent, and true boxes that
// repeat another of their picture and category are left out. threads 0: all CPUs.
YoloEvaluation evaluate_yolo(const Dataset& truth, std::span<const ScoredBox> found, int threads = 0,
                             YoloRules rules = YoloRules::kLatest);

// counts[predicted][true]; the last row and column stand for "background": boxes missed and boxes invented.
struct ConfusionMatrix {
  std::vector<std::vector<int>> counts;  // (categories + 1) squared; empty beyond kMostConfusionCategories
  double conf = 0, iou = 0;
};
constexpr std::size_t kMostConfusionCategories = 4000;  // their counts take 64 MB

// Of the boxes with a score above `conf`, the most confident first, each takes the best free true box of any category
// whose IoU is above `iou`.
ConfusionMatrix confusion_matrix(const Dataset& truth, std::span<const ScoredBox> found, double conf = 0.25,
                                 double iou = 0.45);

}  // namespace saker
