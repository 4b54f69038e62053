// YOLOX: [cells, 5+classes], levels one after the other, each row by row. Objectness and scores are
// probabilities, or logits in some exports; unless the graph did it, xy = (xy + cell) * stride and wh = exp(wh) *
// stride. Facts: Megvii YOLOX, models/yolo_head.py decode_outputs and utils/boxes.py postprocess.
#include <cmath>

#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

struct Cell {
  int x = 0, y = 0, stride = 0;
};

// Walks the levels; cells must be asked for in ascending order.
class CellFinder {
 public:
  explicit CellFinder(const HeadSpec& spec) : spec_(spec) { enter(0); }

  Cell find(std::int64_t cell) {
    while (cell - first_ >= std::int64_t{columns_} * rows_ && level_ + 1 < spec_.strides.size()) {
      first_ += std::int64_t{columns_} * rows_;
      enter(level_ + 1);
    }
    const std::int64_t local = cell - first_;
    return {static_cast<int>(local % columns_), static_cast<int>(local / columns_), spec_.strides[level_]};
  }

 private:
  void enter(std::size_t level) {
    level_ = level;
    columns_ = cells_along(spec_.input_width, spec_.strides[level]);
    rows_ = cells_along(spec_.input_height, spec_.strides[level]);
  }

  const HeadSpec& spec_;
  std::size_t level_ = 0;
  std::int64_t first_ = 0;
  int columns_ = 0, rows_ = 0;
};

}  // namespace

Status decode_yolox(const HeadSpec& spec, Outputs outputs, int picture, const DecodeOptions& options,
                    std::vector<Candidate>& candidates) {
  const TensorView& output = outputs[spec.outputs[0]];
  std::vector<float> scratch;
  SAKER_ASSIGN(const Grid grid, picture_grid(output, picture, false, scratch));
  if (grid.channels != 5 + spec.classes || grid.cells != cells_of_all_levels(spec)) return shape_error(spec, output);
  std::vector<std::int64_t> cells;
  cells_above(grid, 4, 1, score_bound(spec, options), cells);
  CellFinder finder(spec);
  std::vector<float> probabilities;
  for (const std::int64_t i : cells) {
    float cx = grid.at(i, 0), cy = grid.at(i, 1), width = grid.at(i, 2), height = grid.at(i, 3);
    if (spec.kind == HeadKind::kYolox) {
      const Cell cell = finder.find(i);
      const auto stride = static_cast<float>(cell.stride);
      cx = (cx + static_cast<float>(cell.x)) * stride;
      cy = (cy + static_cast<float>(cell.y)) * stride;
      width = std::exp(width) * stride;
      height = std::exp(height) * stride;
    }
    const Box box = box_from_centre(cx, cy, width, height);
    const float objectness = spec.logits ? sigmoid(grid.at(i, 4)) : grid.at(i, 4);
    add_scores(spec, grid, i, 5, objectness, box, options, probabilities, candidates);
  }
  return {};
}

}  // namespace saker
