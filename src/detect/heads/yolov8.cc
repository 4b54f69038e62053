// YOLOv8 and its successors (v9, 11, 12): cx, cy, w, h, class scores; no objectness.
// Facts: ultralytics, nn/modules/head.py Detect and utils/nms.py non_max_suppression.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {

Status decode_yolov8(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                     std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const FloatView view, picture_view(output, picture, 3, scratch));
  const Grid grid = spec.channels_first ? grid_of(view, 1, 0) : grid_of(view, 0, 1);
  if (grid.channels != 4 + spec.classes + spec.extra_channels) return shape_error(spec, output);
  std::vector<std::int64_t> cells;
  cells_above(grid, 4, spec.classes, options.conf, cells);
  for (const std::int64_t i : cells) {
    const Box box = box_from_centre(grid.at(i, 0), grid.at(i, 1), grid.at(i, 2), grid.at(i, 3));
    add_classes(grid, i, 4, spec.classes, 1, box, options, candidates);
  }
  return {};
}

}  // namespace saker
