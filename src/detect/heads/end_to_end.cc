// Heads that give rows or columns of boxes with a score and a class: [boxes, 6] per picture (YOLOv10, YOLO26,
// Ultralytics exports with NMS; PaddleDetection, class first; without NMS DeepStream-Yolo), [boxes, 7] for all pictures
// (YOLOv7 exports with NMS), and boxes, scores and classes in outputs of their own, perhaps with their number (the NMS
// of TensorRT's exports; mmdeploy, whose boxes carry their score; RT-DETR, D-FINE and DEIM from their own repositories;
// without NMS Qualcomm's). Facts: ultralytics, nn/modules/head.py v10Detect.postprocess; WongKinYiu/yolov7,
// models/experimental.py and utils/add_nms.py; marcoslucianops/DeepStream-Yolo, utils/export_yoloV8.py;
// lyuwenyu/RT-DETR, rtdetr_postprocessor.py.
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

// x1, y1, x2, y2, score, class, or class, score, x1, y1, x2, y2; unused rows have the score 0.
Status decode_end_to_end(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                         std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  const bool batched = output.shape.size() != 2;
  if (!batched && picture != 0) return shape_error(spec, output);
  SAKER_ASSIGN(const FloatView view,
               batched ? picture_view(output, picture, 3, scratch) : whole_view(output, 2, scratch));
  const Grid grid = grid_of(view, 0, 1);
  if (grid.channels != 6) return shape_error(spec, output);
  const std::int64_t first = spec.class_first ? 2 : 0, score = spec.class_first ? 1 : 4;
  const std::int64_t class_id = spec.class_first ? 0 : 5;
  for (std::int64_t i = 0; i < grid.cells; ++i) {
    const Box box = {grid.at(i, first), grid.at(i, first + 1), grid.at(i, first + 2), grid.at(i, first + 3)};
    add_row(box, grid.at(i, score), grid.at(i, class_id), spec, options, candidates);
  }
  return {};
}

// Boxes, scores and classes, with or without a batch axis; rows from `number` on are unused. Scores may stand behind
// the boxes, in the same output.
Status decode_nms_outputs(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                          std::vector<Candidate>& candidates) {
  std::vector<float> scratch[4];
  const bool batched = outputs[spec.outputs[0]].shape.size() == 3;
  if (!batched && picture != 0) return shape_error(spec, outputs[spec.outputs[0]]);
  const auto view_of = [&](std::size_t i, std::size_t rank) {
    const TensorView& output = outputs[spec.outputs[i]];
    return batched ? picture_view(output, picture, rank + 1, scratch[i], true)
                   : whole_view(output, rank, scratch[i], true);
  };
  SAKER_ASSIGN(const FloatView boxes, view_of(0, 2));
  const bool together = spec.outputs[0] == spec.outputs[1];
  SAKER_ASSIGN(const FloatView classes, view_of(2, 1));
  FloatView scores;
  if (together) {
    scores = {boxes.data + spec.score_first * boxes.strides[1], {boxes.shape[0]}, {boxes.strides[0]}};
  } else {
    SAKER_ASSIGN(scores, view_of(1, 1));
  }
  const std::int64_t columns = together ? spec.score_first + 1 : 4;
  if (boxes.shape[1] != columns || scores.shape != classes.shape || scores.shape[0] != boxes.shape[0])
    return shape_error(spec, outputs[spec.outputs[0]]);
  std::int64_t rows = boxes.shape[0];
  if (spec.outputs.size() > 3) {
    const std::size_t rank = outputs[spec.outputs[3]].shape.size() - (batched ? 1 : 0);
    SAKER_ASSIGN(const FloatView number, view_of(3, rank));
    const float count = *number.data;
    rows = count >= 0 && count < static_cast<float>(rows) ? static_cast<std::int64_t>(count) : rows;
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* row = boxes.data + i * boxes.strides[0];
    const std::int64_t step = boxes.strides[1];
    add_row({row[0], row[step], row[2 * step], row[3 * step]}, scores.data[i * scores.strides[0]],
            classes.data[i * classes.strides[0]], spec, options, candidates);
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
