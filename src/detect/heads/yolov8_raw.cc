// YOLOv8 and its successors cut before their boxes are decoded, as the toolchains of accelerators want them: a map
// [4*16 + classes, H, W] for each level, or two maps, sides and classes apart, or these for all levels one after the
// other (keras-cv); channels first or last. Models without a distribution (YOLO26, YOLOv6) have four distances.
// Facts: ultralytics, nn/modules/head.py Detect (the point is the cell's middle, sides are left, top, right, bottom);
// keras-team/keras-cv, models/object_detection/yolo_v8/yolo_v8_detector.py.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr float kMiddle = 0.5F;

// One row of a level's map.
struct LevelMap {
  FloatView view;
  bool channels_first = false;

  std::int64_t rows() const { return view.shape[channels_first ? 1 : 0]; }
  std::int64_t columns() const { return view.shape[channels_first ? 2 : 1]; }
  std::int64_t channels() const { return view.shape[channels_first ? 0 : 2]; }
  Grid row(std::int64_t y, std::int64_t channel, std::int64_t count) const {
    const std::int64_t row_stride = view.strides[channels_first ? 1 : 0];
    const std::int64_t cell_stride = view.strides[channels_first ? 2 : 1];
    const std::int64_t channel_stride = view.strides[channels_first ? 0 : 2];
    return {view.data + y * row_stride + channel * channel_stride, columns(), count, cell_stride, channel_stride};
  }
};

Result<LevelMap> level_map(const HeadSpec& spec, const TensorView& output, int picture, int stride,
                           std::int64_t channels, std::vector<float>& scratch) {
  LevelMap map;
  SAKER_ASSIGN(map.view, picture_view(output, picture, 4, scratch));
  map.channels_first = spec.channels_first;
  if (map.channels() < channels || map.rows() != cells_along(spec.input_height, stride) ||
      map.columns() != cells_along(spec.input_width, stride)) {
    return shape_error(spec, output);
  }
  return map;
}

// Two outputs for all levels, or one that is both.
Status decode_levels_in_one(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                            std::vector<Candidate>& candidates) {
  std::vector<float> score_scratch, side_scratch;
  const TensorView& score_output = outputs[spec.outputs[0]];
  const TensorView& side_output = outputs[spec.outputs[1]];
  SAKER_ASSIGN(const Grid scores, picture_grid(score_output, picture, spec.channels_first, score_scratch));
  SAKER_ASSIGN(const Grid sides, picture_grid(side_output, picture, spec.boxes_first, side_scratch));
  const std::int64_t cells = cells_of_all_levels(spec);
  if (scores.cells != cells || scores.channels != spec.score_first + spec.classes)
    return shape_error(spec, score_output);
  if (sides.cells != cells || sides.channels < std::int64_t{4} * spec.bins) return shape_error(spec, side_output);
  add_levels_by_distances(part_of(scores, 0, cells, spec.score_first, spec.classes), sides, kMiddle, spec, options,
                          candidates);
  return {};
}

}  // namespace

Status decode_yolov8_raw(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                         std::vector<Candidate>& candidates) {
  if (spec.outputs.size() == 2) return decode_levels_in_one(spec, outputs, picture, options, candidates);
  std::vector<float> score_scratch, side_scratch;
  const std::int64_t sides = std::int64_t{4} * spec.bins;
  for (std::size_t level = 0; level < spec.strides.size(); ++level) {
    const int stride = spec.strides[level];
    SAKER_ASSIGN(const LevelMap scores, level_map(spec, outputs[spec.outputs[2 * level]], picture, stride,
                                                  spec.score_first + spec.classes, score_scratch));
    SAKER_ASSIGN(const LevelMap boxes,
                 level_map(spec, outputs[spec.outputs[2 * level + 1]], picture, stride, sides, side_scratch));
    for (std::int64_t y = 0; y < scores.rows(); ++y) {
      add_by_distances({scores.row(y, spec.score_first, spec.classes), boxes.row(y, 0, sides), y * scores.columns(),
                        static_cast<int>(scores.columns()), static_cast<float>(stride), kMiddle},
                       spec, options, candidates);
    }
  }
  return {};
}

}  // namespace saker
