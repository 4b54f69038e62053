// The boxes of a dataset by picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "augment/geometry.h"
#include "data/dataset.h"

namespace saker::augment {

class TrueBoxes {
 public:
  // Without crowds. The dataset must outlive it.
  TrueBoxes(const Dataset& dataset, bool single_class);

  // In pixels of a picture that was made `size` from a file of `file_size`: clipped, without those that are outside. A
  // picture stated to have another size than its file is taken to be a copy of it: YOLO's labels are shares.
  std::vector<EdgeBox> in(std::int32_t picture, ImageSize size, ImageSize file_size) const;

 private:
  const Dataset& dataset_;
  bool single_class_;
  std::vector<std::size_t> first_;    // of each picture its first in which_, and one more
  std::vector<std::uint32_t> which_;  // annotations
};

}  // namespace saker::augment
