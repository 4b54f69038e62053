// Pictures in planes for tests: random samples that end where readable memory ends, in rows with gaps, with noise in
// the bits that do not count.
#pragma once

#include <saker/planar.h>

#include <vector>

#include "support/guarded.h"

namespace saker {

inline const std::vector<PlanarLayout>& all_planar_layouts() {
  static const std::vector<PlanarLayout> layouts = {PlanarLayout::kI420, PlanarLayout::kNv12, PlanarLayout::kI010,
                                                    PlanarLayout::kP010};
  return layouts;
}

class PlanarPicture {
 public:
  // `byte` gives the samples; each row has `gap` bytes behind it, but the last.
  template <typename Byte>
  PlanarPicture(PlanarLayout layout, int width, int height, int gap, Byte&& byte) {
    view_.layout = layout;
    view_.width = width;
    view_.height = height;
    const bool pairs = layout == PlanarLayout::kNv12 || layout == PlanarLayout::kP010;
    const bool wide = layout == PlanarLayout::kI010 || layout == PlanarLayout::kP010;
    for (std::size_t p = 0; p < (pairs ? 2U : 3U); ++p) {
      const std::ptrdiff_t samples = p == 0 ? width : (width + 1) / 2 * (pairs ? 2 : 1);
      const std::ptrdiff_t rows = p == 0 ? height : (height + 1) / 2;
      const std::ptrdiff_t row = samples * (wide ? 2 : 1), stride = row + gap, size = (rows - 1) * stride + row;
      memory_.emplace_back((size + 3) / 4);
      auto* const first = reinterpret_cast<std::uint8_t*>(memory_[p].data() + memory_[p].size()) - size;
      for (std::ptrdiff_t i = 0; i < size; ++i) first[i] = byte();
      view_.data[p] = first;
      view_.stride_bytes[p] = stride;
    }
  }
  PlanarView view(bool bt709, bool full_range) const {
    PlanarView view = view_;
    view.bt709 = bt709;
    view.full_range = full_range;
    return view;
  }

 private:
  std::vector<GuardedFloats> memory_;
  PlanarView view_;
};

}  // namespace saker
