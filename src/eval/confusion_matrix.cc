// Which category is taken for which. Source of the rules: Ultralytics 8.4.190, utils/metrics.py (ConfusionMatrix).
#include <algorithm>

#include "eval/picture_boxes.h"
#include "eval/yolo_metrics.h"

namespace saker {
namespace {

void count_picture(const PictureBoxes& picture, const Dataset& truth, std::span<const ScoredBox> found,
                   ConfusionMatrix& matrix) {
  const auto background = static_cast<std::int32_t>(matrix.counts.size() - 1);
  const auto count = [&](std::int32_t predicted, std::int32_t is) {
    ++matrix.counts[static_cast<std::size_t>(predicted)][static_cast<std::size_t>(is)];
  };
  std::vector<EdgeBox> true_boxes, boxes;
  for (const std::uint32_t place : picture.truth) true_boxes.push_back(edges(truth.annotations[place]));
  for (const std::uint32_t place : picture.found) {
    if (found[place].score > matrix.conf) boxes.push_back(edges(found[place]));
  }
  const std::vector<std::int32_t> matches = match_greedily(true_boxes, boxes, static_cast<float>(matrix.iou), false);
  std::vector<bool> hit(true_boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto match = static_cast<std::size_t>(matches[i]);
    count(boxes[i].category, matches[i] < 0 ? background : true_boxes[match].category);
    if (matches[i] >= 0) hit[match] = true;
  }
  for (std::size_t i = 0; i < true_boxes.size(); ++i) {
    if (!hit[i]) count(background, true_boxes[i].category);
  }
}

}  // namespace

ConfusionMatrix confusion_matrix(const Dataset& truth, std::span<const ScoredBox> found, double conf, double iou) {
  ConfusionMatrix matrix;
  matrix.conf = conf;
  matrix.iou = iou;
  if (truth.categories.size() > kMostConfusionCategories) return matrix;
  const std::size_t size = truth.categories.size() + 1;
  matrix.counts.assign(size, std::vector<int>(size));
  for (const PictureBoxes& picture : boxes_by_picture(truth, found)) count_picture(picture, truth, found, matrix);
  return matrix;
}

}  // namespace saker
