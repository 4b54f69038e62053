// YOLOv5 before its decoding: one map of logits per level, [3, H, W, 5+classes], [3*(5+classes), H, W] or
// [H, W, 3*(5+classes)].
// xy = (2 s - 0.5 + cell) * stride, wh = (2 s)^2 * anchor with s = sigmoid, which some exports have done already. A
// file without the decoding does not tell its anchors. Facts: ultralytics/yolov5, models/yolo.py Detect and
// models/yolov5s.yaml.
#include <array>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr std::int64_t kAnchors = 3;  // a level

struct Map {
  FloatView view;
  std::int64_t anchor_offset = 0, row_stride = 0, column_stride = 0, channel_stride = 0;
  std::int64_t rows = 0, columns = 0;
};

Result<Map> read_map(const HeadSpec& spec, const TensorView& output, int picture, int stride,
                     std::vector<float>& scratch) {
  Map map;
  const std::int64_t channels = 5 + spec.classes;
  const std::int64_t rows = cells_along(spec.input_height, stride), columns = cells_along(spec.input_width, stride);
  const bool five = output.shape.size() == 5;
  SAKER_ASSIGN(map.view, picture_view(output, picture, five ? 5 : 4, scratch));
  const Shape& strides = map.view.strides;
  std::size_t row = 1, channel = five ? 3 : 0;
  if (map.view.shape == Shape{rows, columns, kAnchors * channels}) {
    row = 0;
    channel = 2;
  } else if (map.view.shape !=
             (five ? Shape{kAnchors, rows, columns, channels} : Shape{kAnchors * channels, rows, columns})) {
    return shape_error(spec, output);
  }
  map.rows = rows;
  map.columns = columns;
  map.row_stride = strides[row];
  map.column_stride = strides[row + 1];
  map.channel_stride = strides[channel];
  map.anchor_offset = five ? strides[0] : strides[channel] * channels;
  return map;
}

// One row of cells: thresholds on logits first, since most cells end there.
void decode_row(const Grid& grid, std::int64_t y, const HeadSpec& spec, std::size_t level, std::int64_t anchor,
                const DecodeOptions& options, std::vector<std::int64_t>& cells, std::vector<float>& scores,
                std::vector<Candidate>& candidates) {
  cells.clear();
  cells_above(grid, 4, 1, score_bound(spec, options), cells);
  const auto stride = static_cast<float>(spec.strides[level]);
  const std::array<float, 2>& size = spec.anchors[level * kAnchors + static_cast<std::size_t>(anchor)];
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
    for (std::int64_t anchor = 0; anchor < kAnchors; ++anchor) {
      const float* first = map.view.data + anchor * map.anchor_offset;
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
