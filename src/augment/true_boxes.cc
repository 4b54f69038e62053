#include "augment/true_boxes.h"

#include <cmath>

namespace saker::augment {

TrueBoxes::TrueBoxes(const Dataset& dataset, bool single_class)
    : dataset_(dataset), single_class_(single_class), first_(dataset.pictures.size() + 1) {
  const auto of = [](const Annotation& annotation) { return static_cast<std::size_t>(annotation.picture); };
  for (const Annotation& annotation : dataset.annotations) {
    if (!annotation.crowd) ++first_[of(annotation) + 1];
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  which_.resize(first_.back());
  std::vector<std::size_t> next = first_;
  for (std::size_t i = 0; i < dataset.annotations.size(); ++i) {
    const Annotation& annotation = dataset.annotations[i];
    if (!annotation.crowd) which_[next[of(annotation)]++] = static_cast<std::uint32_t>(i);
  }
}

std::vector<EdgeBox> TrueBoxes::in(std::int32_t picture, ImageSize size, ImageSize file_size) const {
  const auto index = static_cast<std::size_t>(picture);
  const Picture& stated = dataset_.pictures[index];
  const bool known = stated.width > 0 && stated.height > 0;
  const double sx = static_cast<double>(size.width) / (known ? stated.width : file_size.width);
  const double sy = static_cast<double>(size.height) / (known ? stated.height : file_size.height);
  std::vector<EdgeBox> boxes;
  for (std::size_t i = first_[index]; i < first_[index + 1]; ++i) {
    const Annotation& a = dataset_.annotations[which_[i]];
    const EdgeBox box = {a.x * sx, a.y * sy, (a.x + a.w) * sx, (a.y + a.h) * sy, single_class_ ? 0 : a.category};
    if (std::isfinite(box.x1 + box.y1 + box.x2 + box.y2)) boxes.push_back(box);
  }
  clip(size, boxes);
  return boxes;
}

}  // namespace saker::augment
