#include "guard/agreement.h"

#include <fmt/format.h>

#include <vector>

#include "base/plural.h"
#include "base/statistics.h"
#include "base/try.h"
#include "detect/nms.h"

namespace saker {
namespace {

Candidate candidate(const Detection& box) {
  return {box.x1, box.y1, box.x2, box.y2, box.score, box.class_id};
}

// Greedily, best score first.
std::size_t count_matches(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  std::vector<bool> taken(b.size(), false);
  std::size_t matched = 0;
  for (const Detection& own : a) {
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (taken[i] || b[i].class_id != own.class_id || !(box_iou(candidate(own), candidate(b[i])) >= 0.5F)) continue;
      taken[i] = true;
      ++matched;
      break;
    }
  }
  return matched;
}

}  // namespace

std::string in_words(const Agreement& agreement) {
  if (agreement.compared()) return fmt::format("{:.0f} % of the boxes agree", 100 * agreement.share());
  return fmt::format("nothing was compared: the float model finds no box in {}, the 8-bit model {}",
                     counted(agreement.pictures, "picture"), agreement.int8_boxes);
}

Finding nothing_found(std::size_t pictures, const std::string& seen) {
  return {"nothing found",
          true,
          fmt::format("the float model finds no box in {}{}\nIs it fed as it was trained (scale, colour order)? Do the "
                      "pictures show what it was trained for?\nAre its scores below the threshold? Without boxes "
                      "nothing tells whether 8 bits are good enough",
                      counted(pictures, "picture"), seen.empty() ? "" : ":\n" + seen),
          "saker detect MODEL PICTURE `conf` 0.01, which shows what it finds at all",
          {},
          "conf"};
}

Findings check_agreement(const Agreement& agreement) {
  if (!agreement.compared()) return {nothing_found(agreement.pictures, "")};
  if (!agreement.collapsed()) return {};
  return {{"collapsed",
           true,
           fmt::format("on {} the float model finds {} boxes, the 8-bit model {}, and only {:.0f} % agree",
                       counted(agreement.pictures, "picture"), agreement.float_boxes, agreement.int8_boxes,
                       100 * agreement.share()),
           "quantize it with the pictures fed as the model was trained, with `observer` min-max, or with layers kept "
           "in float",
           {},
           "observer"}};
}

Result<Agreement> compare(Detector& full, Detector& int8, std::span<const std::string> pictures,
                          const ImageReadOptions& read) {
  Agreement result;
  std::vector<double> float_ms, int8_ms;
  for (const std::string& path : pictures) {
    SAKER_ASSIGN(const Image image, read_image(path, read));
    SAKER_ASSIGN(const Detections a, full.detect(image.view()));
    SAKER_ASSIGN(const Detections b, int8.detect(image.view()));
    ++result.pictures;
    result.float_boxes += a.boxes.size();
    result.int8_boxes += b.boxes.size();
    result.matched += count_matches(a.boxes, b.boxes);
    float_ms.push_back(a.ms.infer);
    int8_ms.push_back(b.ms.infer);
  }
  if (result.pictures == 0) return result;
  result.float_ms = median(std::move(float_ms));
  result.int8_ms = median(std::move(int8_ms));
  return result;
}

}  // namespace saker
