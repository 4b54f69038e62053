// NanoDet-m: per level class probabilities [cells, classes] and, for each side of the box, a distribution
// over distances [cells, 4*bins]. Box = centre -/+ expectation of the softmax * stride, centre = cell + 0.5.
// Facts: RangiLyu/nanodet v0.x, model/head/nanodet_head.py and gfl_head.py (Integral, get_single_level_center_point).
#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

// Sum of bin * softmax(bin), in units of the stride.
float expected_distance(const float* logits, std::int64_t step, int bins) {
  float highest = logits[0];
  for (int i = 1; i < bins; ++i) highest = std::max(highest, logits[i * step]);
  float sum = 0, weighted = 0;
  for (int i = 0; i < bins; ++i) {
    const float e = std::exp(logits[i * step] - highest);
    sum += e;
    weighted += e * static_cast<float>(i);
  }
  return weighted / sum;
}

// An output with or without a batch axis, as a grid of one picture.
Result<Grid> level_grid(const HeadSpec& spec, const TensorView& output, int picture, std::int64_t cells,
                        std::int64_t channels, std::vector<float>& scratch) {
  const bool batched = output.shape.size() != 2;
  if (!batched && picture != 0) return shape_error(spec, output);
  SAKER_ASSIGN(const FloatView view,
               batched ? picture_view(output, picture, 3, scratch) : whole_view(output, 2, scratch));
  const Grid grid = grid_of(view, 0, 1);
  if (grid.cells != cells || grid.channels != channels) return shape_error(spec, output);
  return grid;
}

}  // namespace

Status decode_nanodet(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                      std::vector<Candidate>& candidates) {
  std::vector<float> score_scratch, side_scratch;
  std::vector<std::int64_t> cells;
  for (std::size_t level = 0; level < spec.strides.size(); ++level) {
    const int columns = cells_along(spec.input_width, spec.strides[level]);
    const std::int64_t count = std::int64_t{columns} * cells_along(spec.input_height, spec.strides[level]);
    SAKER_ASSIGN(const Grid scores,
                 level_grid(spec, outputs[spec.outputs[2 * level]], picture, count, spec.classes, score_scratch));
    SAKER_ASSIGN(const Grid sides, level_grid(spec, outputs[spec.outputs[2 * level + 1]], picture, count,
                                              std::int64_t{4} * spec.bins, side_scratch));
    const auto stride = static_cast<float>(spec.strides[level]);
    cells.clear();
    cells_above(scores, 0, spec.classes, options.conf, cells);
    for (const std::int64_t i : cells) {
      const std::int64_t x = i % columns, y = i / columns;
      const float cx = (static_cast<float>(x) + 0.5F) * stride;
      const float cy = (static_cast<float>(y) + 0.5F) * stride;
      float distance[4];
      for (int side = 0; side < 4; ++side) {
        const float* logits = sides.cell(i) + std::int64_t{side} * spec.bins * sides.channel_stride;
        distance[side] = expected_distance(logits, sides.channel_stride, spec.bins) * stride;
      }
      const Box box = {cx - distance[0], cy - distance[1], cx + distance[2], cy + distance[3]};
      add_classes(scores, i, 0, spec.classes, 1, box, options, candidates);
    }
  }
  return {};
}

}  // namespace saker
