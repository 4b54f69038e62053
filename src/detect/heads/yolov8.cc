// YOLOv8 and its successors (v9, 11, 12): cx, cy, w, h, class scores; no objectness.
// Facts: ultralytics, nn/modules/head.py Detect and utils/nms.py non_max_suppression.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {

Status decode_yolov8(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                     std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const Grid grid, picture_grid(output, picture, spec.channels_first, scratch));
  if (grid.channels != 4 + spec.classes + spec.extra_channels) return shape_error(spec, output);
  std::vector<std::int64_t> cells;
  cells_above(grid, 4, spec.classes, options.conf, cells);
  for (const std::int64_t i : cells) {
    add_classes(grid, i, 4, spec.classes, 1, box_at(spec, grid, i), options, candidates);
  }
  return {};
}

}  // namespace saker
