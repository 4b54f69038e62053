// The pictures that a model did worst on, with what is there and what it found.
#pragma once

#include <saker/image.h>

#include <string>
#include <vector>

#include "eval/coco_eval.h"

namespace saker {

struct WorstPicture {
  std::string caption;
  Image image;        // empty: could not be read
  std::string error;  // why not
};

// What the colours of the frames mean.
std::string colors_of_worst_pictures();

// At most `count`, those with the lowest AP; of equal ones those with more true boxes. Boxes with a score of at least
// `confidence` are drawn. Pictures are made smaller where they are large.
std::vector<WorstPicture> worst_pictures(const Dataset& truth, std::span<const ScoredBox> found,
                                         const CocoEvaluation& coco, int count, double confidence);

}  // namespace saker
