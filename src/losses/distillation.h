// What a student's maps lack of a teacher's, and of its inner layers (Hinton et al. 2015, Romero et al. 2015), in the
// forms of SparseML's DistillationModifier and PerLayerDistillationModifier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "losses/loss.h"

namespace saker::losses {

// Channels of one of a level's maps; `count` 0: there are none.
struct MapPart {
  std::size_t map = 0;  // of the level
  std::int64_t first = 0, count = 0;
};

// What a head says of a box in each cell: once, or of YOLOv5 for each anchor.
struct BoxParts {
  MapPart box, objectness, scores;
};

struct HeadLayout {
  enum class Box : std::uint8_t {
    kDistributions,  // softmax over `bins` for each side
    kProbabilities,  // sigmoids
    kNumbers,
  } box = Box::kDistributions;
  std::int64_t bins = 1;
  std::size_t maps_of_level = 1;
  std::vector<BoxParts> boxes;  // of a cell
};
HeadLayout layout_of_distances(std::int64_t classes, std::int64_t reg_max);
HeadLayout layout_of_anchors(std::int64_t classes, std::int64_t anchors);
HeadLayout layout_of_yolox(std::int64_t classes);

struct DistillOptions {
  double temperature = 2;
  double keep = 0.5;   // factor of the gradients that are there: those of the task's loss
  double share = 0.5;  // of those that are added
};

// With p = softmax(teacher / T) and q = softmax(student / T) of what is a distribution (a score: of itself and its
// absence), T^2 KL(p || q) summed over a box's parts; of numbers (YOLOX's boxes) their squared differences. The mean
// over the boxes of the batch counts each as much as the teacher's score of it, and those below kSureEnough not at all:
// plain means would be of cells in which nothing is. The gradients of its `share` are added to the student's, if there
// are any. The maps are those of Loss::compute; the teacher's have the same sizes.
constexpr float kSureEnough = 0.01F;
double distill(std::span<const MapView> student, std::span<const MapView> teacher, const HeadLayout& layout,
               const DistillOptions& options);

// Of one inner layer: the mean squared difference, divided by the teacher's mean square where `normalize`. The
// gradients of `gain` times that are written.
constexpr double kLayerEpsilon = 1e-6;
double distill_layer(const MapView& student, const MapView& teacher, bool normalize, double gain);

}  // namespace saker::losses
