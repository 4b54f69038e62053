#include "eval/worst_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "eval/picture_boxes.h"
#include "media/draw.h"

namespace saker {
namespace {

constexpr int kLongestSide = 900;  // pixels
constexpr float kHitIou = 0.5F;
constexpr std::size_t kMostLabels = 1000;  // of a picture: each looks for a place beside the others

// Of the class palette: green, red, blue, orange.
constexpr int kFoundTruth = 2, kMissedTruth = 0, kHit = 1, kInvented = 3;

struct Sorted {
  std::vector<DrawnBox> boxes;  // later ones lie beneath
  int missed = 0, invented = 0, hits = 0;
};

DrawnBox drawn(const EdgeBox& box, std::string text, int color, bool dashed) {
  return {box.x1, box.y1, box.x2, box.y2, std::move(text), color, dashed};
}

Sorted sort_out(const PictureBoxes& picture, const Dataset& truth, std::span<const ScoredBox> found,
                double confidence) {
  std::vector<EdgeBox> true_boxes, boxes;
  std::vector<double> scores;
  for (const std::uint32_t place : picture.truth) true_boxes.push_back(edges(truth.annotations[place]));
  for (const std::uint32_t place : picture.found) {
    if (found[place].score < confidence) break;
    boxes.push_back(edges(found[place]));
    scores.push_back(found[place].score);
  }
  const auto name = [&](const EdgeBox& box) { return truth.categories[static_cast<std::size_t>(box.category)].name; };
  Sorted result;
  const auto label = [&](std::string text) { return result.boxes.size() < kMostLabels ? std::move(text) : ""; };
  std::vector<bool> hit(true_boxes.size());
  const std::vector<std::int32_t> matches = match_greedily(true_boxes, boxes, kHitIou, true);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const bool is_hit = matches[i] >= 0;
    if (is_hit) hit[static_cast<std::size_t>(matches[i])] = true;
    ++(is_hit ? result.hits : result.invented);
    result.boxes.push_back(
        drawn(boxes[i], label(fmt::format("{} {:.2f}", name(boxes[i]), scores[i])), is_hit ? kHit : kInvented, true));
  }
  for (std::size_t i = 0; i < true_boxes.size(); ++i) {
    result.missed += hit[i] ? 0 : 1;
    result.boxes.push_back(
        drawn(true_boxes[i], hit[i] ? "" : label(name(true_boxes[i])), hit[i] ? kFoundTruth : kMissedTruth, false));
  }
  return result;
}

// The places of the worst pictures, the very worst first.
std::vector<std::size_t> worst_places(const std::vector<double>& ap, const std::vector<PictureBoxes>& pictures,
                                      int count) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (ap[i] >= 0) places.push_back(i);
  }
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return ap[a] != ap[b] ? ap[a] < ap[b] : pictures[a].truth.size() > pictures[b].truth.size();
  });
  places.resize(std::min(places.size(), static_cast<std::size_t>(std::max(count, 0))));
  return places;
}

// Smaller, and the boxes with it.
Image draw(const Image& image, std::vector<DrawnBox> boxes) {
  Image small = shrink(image.view(), kLongestSide);
  const float x = static_cast<float>(small.width) / static_cast<float>(image.width);
  const float y = static_cast<float>(small.height) / static_cast<float>(image.height);
  for (DrawnBox& box : boxes) {
    box.x1 *= x;
    box.x2 *= x;
    box.y1 *= y;
    box.y2 *= y;
  }
  draw_boxes(small, boxes);
  return small;
}

}  // namespace

std::string colors_of_worst_pictures() {
  return "Whole frames are true boxes, green where found, red where missed. Dashed frames are the model's boxes with "
         "their scores, blue where they hit (IoU above 0.5, same class), orange where nothing of their class is, or "
         "where it was found already.";
}

std::vector<WorstPicture> worst_pictures(const Dataset& truth, std::span<const ScoredBox> found,
                                         const CocoEvaluation& coco, int count, double confidence) {
  const std::vector<double> ap = coco.per_picture_ap();
  const std::vector<PictureBoxes> pictures = boxes_by_picture(truth, found);
  std::vector<WorstPicture> worst;
  for (const std::size_t place : worst_places(ap, pictures, count)) {
    const Sorted sorted = sort_out(pictures[place], truth, found, confidence);
    WorstPicture& picture = worst.emplace_back();
    const std::string& file = truth.pictures[place].file;
    picture.caption = fmt::format("{}: AP {:.3f}; {} found, {} missed, {} invented", file, ap[place], sorted.hits,
                                  sorted.missed, sorted.invented);
    auto image = read_image(picture_path(truth, truth.pictures[place]));
    if (image.ok()) {
      picture.image = draw(*image, sorted.boxes);
    } else {
      picture.error = image.error().message;
    }
  }
  return worst;
}

}  // namespace saker
