// Which boxes of one picture and category find a true box: COCOeval.evaluateImg for all ten thresholds and four
// ranges of area at once.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "eval/coco_eval.h"

namespace saker {

constexpr int kCocoAreas = 4;               // all, small, medium, large
constexpr std::size_t kCocoMaxBoxes = 100;  // of one picture and category; the lower-scored rest is not looked at

// numpy.linspace(.5, .95, 10): the ninth is not .9.
constexpr std::array<double, kCocoThresholds> kCocoIou = {.5, .55, .6, .65, .7, .75, .8, .85, .8999999999999999, .95};

// Square pixels. Both ends belong to the range, so that an area of 1024 is small and medium.
struct AreaRange {
  double low, high;
  bool contains(double area) const { return !(area < low || area > high); }
};
constexpr std::array<AreaRange, kCocoAreas> kCocoAreaRanges = {
    {{0, 1e10}, {0, 32. * 32}, {32. * 32, 96. * 96}, {96. * 96, 1e10}}};

// A true box that a range leaves out: nobody has to find it, and finding it is no mistake.
inline bool ignored(const Annotation& truth, int area) {
  return truth.crowd || !kCocoAreaRanges[static_cast<std::size_t>(area)].contains(truth.area);
}

// What a box is at each threshold (bit t). In neither mask: ignored.
struct Verdict {
  std::uint16_t hit = 0, miss = 0;
};
constexpr std::uint16_t kEveryThreshold = (1U << kCocoThresholds) - 1;
using Verdicts = std::array<Verdict, kCocoAreas>;

// Keeps its memory between calls; one a thread.
class CocoMatcher {
 public:
  CocoMatcher(std::span<const Annotation> truth, std::span<const ScoredBox> found) : truth_(truth), found_(found) {}

  // Both lists are indices, of one picture and category: true boxes in the order of the file, boxes found with the
  // best score first. verdicts: one a box found.
  void match(std::span<const std::uint32_t> truths, std::span<const std::uint32_t> boxes, std::span<Verdicts> verdicts);

 private:
  struct Candidate {
    std::uint32_t truth;  // place in the list of true boxes
    double iou;
  };
  // What is known of a true box while one range of area is judged.
  struct Seen {
    bool ignored, crowd;
    bool counts;          // see match_area
    std::uint16_t taken;  // bit t: at threshold t
  };

  void find_candidates(std::span<const std::uint32_t> truths, std::span<const std::uint32_t> boxes);
  Verdict judge(std::span<const Candidate> candidates, bool outside);
  Seen* best(std::span<const Candidate> candidates, int threshold, bool ignored);

  std::span<const Annotation> truth_;
  std::span<const ScoredBox> found_;
  std::vector<Candidate> candidates_;
  std::vector<std::size_t> first_;  // of each box's candidates
  std::vector<Seen> seen_;
};

}  // namespace saker
