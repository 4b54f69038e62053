// YOLOv5 with boxes decoded in the graph: [cells*3, 5+classes] = cx, cy, w, h, objectness, class scores.
// Facts: ultralytics/yolov5, models/yolo.py Detect and utils/general.py non_max_suppression.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {

Status decode_yolov5(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                     std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const Grid grid, picture_grid(output, picture, false, scratch));
  if (grid.channels != 5 + spec.classes + spec.extra_channels) return shape_error(spec, output);
  std::vector<std::int64_t> cells;
  cells_above(grid, 4, 1, options.conf, cells);
  for (const std::int64_t i : cells) {
    add_classes(grid, i, 5, spec.classes, grid.at(i, 4), box_at(spec, grid, i), options, candidates);
  }
  return {};
}

}  // namespace saker
