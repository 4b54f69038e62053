// NanoDet: class probabilities and, for each side of the box, a distribution over distances, level after level.
// NanoDet-m: two outputs a level, [cells, classes] and [cells, 4*bins]; the point is the cell's middle.
// NanoDet-Plus: one output, [cells of all levels, classes + 4*bins]; the point is the cell's upper left corner.
// Facts: RangiLyu/nanodet, model/head/nanodet_head.py and gfl_head.py (get_single_level_center_point) of v0.x,
// nanodet_plus_head.py (get_single_level_center_priors) of v1.x.
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

constexpr float kMiddle = 0.5F, kCorner = 0;

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
  for (std::size_t level = 0; level < spec.strides.size(); ++level) {
    const int columns = cells_along(spec.input_width, spec.strides[level]);
    const std::int64_t count = std::int64_t{columns} * cells_along(spec.input_height, spec.strides[level]);
    SAKER_ASSIGN(const Grid scores,
                 level_grid(spec, outputs[spec.outputs[2 * level]], picture, count, spec.classes, score_scratch));
    SAKER_ASSIGN(const Grid sides, level_grid(spec, outputs[spec.outputs[2 * level + 1]], picture, count,
                                              std::int64_t{4} * spec.bins, side_scratch));
    add_by_distances({scores, sides, 0, columns, static_cast<float>(spec.strides[level]), kMiddle}, spec, options,
                     candidates);
  }
  return {};
}

Status decode_nanodet_plus(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                           std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const Grid grid, picture_grid(output, picture, false, scratch));
  const std::int64_t sides = std::int64_t{4} * spec.bins, cells = cells_of_all_levels(spec);
  if (grid.channels != spec.classes + sides || grid.cells != cells) return shape_error(spec, output);
  add_levels_by_distances(grid, part_of(grid, 0, cells, spec.classes, sides), kCorner, spec, options, candidates);
  return {};
}

}  // namespace saker
