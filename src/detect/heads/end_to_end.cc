// Heads whose boxes are final: [boxes, 6] per picture (YOLOv10, YOLO26, Ultralytics exports with NMS) and
// [boxes, 7] for all pictures (YOLOv7 exports with NMS).
// Facts: ultralytics, nn/modules/head.py v10Detect.postprocess; WongKinYiu/yolov7, models/experimental.py.
#include <cmath>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

// The class is a float that may hold anything.
void add_row(const Box& box, float score, float class_id, const HeadSpec& spec, const DecodeOptions& options,
             std::vector<Candidate>& candidates) {
  if (!(score > options.conf)) return;
  if (!(class_id >= 0 && class_id < static_cast<float>(spec.classes))) return;
  add_candidate(box, score, static_cast<int>(class_id), candidates);
}

}  // namespace

// x1, y1, x2, y2, score, class; unused rows have the score 0.
Status decode_end_to_end(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                         std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const FloatView view, picture_view(output, picture, 3, scratch));
  const Grid grid = grid_of(view, 0, 1);
  if (grid.channels != 6) return shape_error(spec, output);
  for (std::int64_t i = 0; i < grid.cells; ++i) {
    const Box box = {grid.at(i, 0), grid.at(i, 1), grid.at(i, 2), grid.at(i, 3)};
    add_row(box, grid.at(i, 4), grid.at(i, 5), spec, options, candidates);
  }
  return {};
}

// batch, x1, y1, x2, y2, class, score.
Status decode_nms_rows(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                       std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const FloatView view, whole_view(output, 2, scratch));
  const Grid grid = grid_of(view, 0, 1);
  if (grid.channels != 7) return shape_error(spec, output);
  for (std::int64_t i = 0; i < grid.cells; ++i) {
    if (grid.at(i, 0) != static_cast<float>(picture)) continue;
    const Box box = {grid.at(i, 1), grid.at(i, 2), grid.at(i, 3), grid.at(i, 4)};
    add_row(box, grid.at(i, 6), grid.at(i, 5), spec, options, candidates);
  }
  return {};
}

}  // namespace saker
