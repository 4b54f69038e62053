// YOLOv5 with boxes decoded in the graph: [cells*3, 5+classes] = cx, cy, w, h, objectness, class scores.
// Facts: ultralytics/yolov5, models/yolo.py Detect and utils/general.py non_max_suppression.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {

Status decode_yolov5(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                     std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const FloatView view, picture_view(output, picture, 3, scratch));
  const Grid grid = grid_of(view, 0, 1);
  if (grid.channels != 5 + spec.classes + spec.extra_channels) return shape_error(spec, output);
  std::vector<std::int64_t> cells;
  cells_above(grid, 4, 1, options.conf, cells);
  for (const std::int64_t i : cells) {
    const Box box = box_from_centre(grid.at(i, 0), grid.at(i, 1), grid.at(i, 2), grid.at(i, 3));
    add_classes(grid, i, 5, spec.classes, grid.at(i, 4), box, options, candidates);
  }
  return {};
}

}  // namespace saker
