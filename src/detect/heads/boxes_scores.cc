// Boxes and class scores for each cell or query: in outputs of their own (YOLO-NAS, DAMO-YOLO, PP-YOLOE, RF-DETR), or
// beside each other (RT-DETR as Ultralytics exports it). Corners or centre and size, pixels or fractions of the input.
// Facts: Deci-AI/super-gradients, training/models/detection_models/pp_yolo_e; tinyvision/DAMO-YOLO, tools/converter.py;
// ultralytics, nn/modules/head.py RTDETRDecoder; roboflow/rf-detr, models/lwdetr.py PostProcess.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {

Status decode_boxes_scores(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                           std::vector<Candidate>& candidates) {
  std::vector<float> box_scratch, score_scratch;
  const TensorView& box_output = outputs[spec.outputs[0]];
  const TensorView& score_output = outputs[spec.outputs[1]];
  SAKER_ASSIGN(const Grid boxes, picture_grid(box_output, picture, spec.boxes_first, box_scratch));
  SAKER_ASSIGN(const Grid scores, picture_grid(score_output, picture, spec.channels_first, score_scratch));
  if (boxes.channels < 4) return shape_error(spec, box_output);
  if (scores.cells != boxes.cells || scores.channels != spec.score_first + spec.classes + (spec.no_object ? 1 : 0))
    return shape_error(spec, score_output);
  std::vector<std::int64_t> cells;
  cells_above(scores, spec.score_first, spec.classes, score_bound(spec, options), cells);
  std::vector<float> probabilities;
  for (const std::int64_t i : cells) {
    add_scores(spec, scores, i, spec.score_first, 1, box_at(spec, boxes, i), options, probabilities, candidates);
  }
  return {};
}

}  // namespace saker
