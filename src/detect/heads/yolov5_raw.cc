// YOLOv5 before its decoding: one map of logits per level, [3, H, W, 5+classes] or [3*(5+classes), H, W].
// xy = (2 s - 0.5 + cell) * stride, wh = (2 s)^2 * anchor with s = sigmoid, which some exports have done already. A
// file without the decoding does not tell its anchors. Facts: ultralytics/yolov5, models/yolo.py Detect and
// models/yolov5s.yaml.
#include <array>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr std::size_t kAnchors = 3;  // a level

struct Map {
  FloatView view;
  std::int64_t anchor_offset = 0, row_stride = 0, column_stride = 0, channel_stride = 0;
  std::int64_t rows = 0, columns = 0;
};

Result<Map> read_map(const HeadSpec& spec, const TensorView& output, int picture, int stride,
                     std::vector<float>& scratch) {
  Map map;
  const std::size_t rank = output.shape.size() == 5 ? 5 : 4;
  SAKER_ASSIGN(map.view, picture_view(output, picture, rank, scratch));
  const Shape& shape = map.view.shape;
  const Shape& strides = map.view.strides;
  const std::int64_t channels = 5 + spec.classes;
  const std::size_t row_axis = 1;
  map.rows = shape[row_axis];
  map.columns = shape[row_axis + 1];
  map.row_stride = strides[row_axis];
  map.column_stride = strides[row_axis + 1];
  map.channel_stride = rank == 5 ? strides[3] : strides[0];
  map.anchor_offset = rank == 5 ? strides[0] : strides[0] * channels;
  const bool channels_fit = rank == 5 ? shape[0] == 3 && shape[3] == channels : shape[0] == 3 * channels;
  if (!channels_fit || map.rows != cells_along(spec.input_height, stride) ||
      map.columns != cells_along(spec.input_width, stride)) {
    return shape_error(spec, output);
  }
  return map;
}

// One row of cells: thresholds on logits first, since most cells end there.
void decode_row(const Grid& grid, std::int64_t y, const HeadSpec& spec, std::size_t level, std::size_t anchor,
                const DecodeOptions& options, std::vector<std::int64_t>& cells, std::vector<float>& scores,
                std::vector<Candidate>& candidates) {
  cells.clear();
  cells_above(grid, 4, 1, score_bound(spec, options), cells);
  const auto stride = static_cast<float>(spec.strides[level]);
  const std::array<float, 2>& size = spec.anchors[level * kAnchors + anchor];
  const auto probability = [&](float x) { return spec.logits ? sigmoid(x) : x; };
  for (const std::int64_t x : cells) {
    const float objectness = probability(grid.at(x, 4));
    if (!(objectness > options.conf)) continue;
    const float w = 2 * probability(grid.at(x, 2)), h = 2 * probability(grid.at(x, 3));
    const Box box = box_from_centre((2 * probability(grid.at(x, 0)) - 0.5F + static_cast<float>(x)) * stride,
                                    (2 * probability(grid.at(x, 1)) - 0.5F + static_cast<float>(y)) * stride,
                                    w * w * size[0], h * h * size[1]);
    add_scores(spec, grid, x, 5, objectness, box, options, scores, candidates);
  }
}

}  // namespace

std::vector<std::array<float, 2>> coco_anchors() {
  return {{10, 13}, {16, 30}, {33, 23}, {30, 61}, {62, 45}, {59, 119}, {116, 90}, {156, 198}, {373, 326}};
}

Status decode_yolov5_raw(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                         std::vector<Candidate>& candidates) {
  std::vector<float> scratch, scores;
  std::vector<std::int64_t> cells;
  if (spec.anchors.size() != kAnchors * spec.strides.size())
    return Error{ErrorCode::kInternal, "the head has no anchors for each of its levels"};
  for (std::size_t level = 0; level < spec.strides.size(); ++level) {
    const TensorView& output = outputs[spec.outputs[level]];
    SAKER_ASSIGN(const Map map, read_map(spec, output, picture, spec.strides[level], scratch));
    for (std::size_t anchor = 0; anchor < kAnchors; ++anchor) {
      const float* first = map.view.data + static_cast<std::int64_t>(anchor) * map.anchor_offset;
      for (std::int64_t y = 0; y < map.rows; ++y) {
        const Grid row = {first + y * map.row_stride, map.columns, 5 + spec.classes, map.column_stride,
                          map.channel_stride};
        decode_row(row, y, spec, level, anchor, options, cells, scores, candidates);
      }
    }
  }
  return {};
}

}  // namespace saker
