// Boxes as distances from a point to the four sides.
#include <algorithm>
#include <cmath>
#include <limits>

#include "detect/heads/grid.h"
#include "detect/heads/levels.h"

namespace saker {
namespace {

// Sum of bin * softmax(bin), in units of the stride; of one bin the distance itself.
float expected_distance(const float* logits, std::int64_t step, int bins) {
  if (bins == 1) return logits[0];
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

}  // namespace

void add_by_distances(const DistanceCells& cells, const HeadSpec& spec, const DecodeOptions& options,
                      std::vector<Candidate>& candidates) {
  std::vector<std::int64_t> found;
  cells_above(cells.scores, 0, spec.classes, score_bound(spec, options), found);
  std::vector<float> probabilities;
  for (const std::int64_t i : found) {
    const std::int64_t cell = cells.first + i;
    const std::int64_t x = cell % cells.columns, y = cell / cells.columns;
    const float cx = (static_cast<float>(x) + cells.offset) * cells.stride;
    const float cy = (static_cast<float>(y) + cells.offset) * cells.stride;
    float distance[4];
    for (int side = 0; side < 4; ++side) {
      const float* logits = cells.sides.cell(i) + std::int64_t{side} * spec.bins * cells.sides.channel_stride;
      distance[side] = expected_distance(logits, cells.sides.channel_stride, spec.bins) * cells.stride;
    }
    const Box box = {cx - distance[0], cy - distance[1], cx + distance[2], cy + distance[3]};
    add_scores(spec, cells.scores, i, 0, 1, box, options, probabilities, candidates);
  }
}

std::int64_t cells_of_all_levels(const HeadSpec& spec) {
  return Levels{spec.input_height, spec.input_width}.cells(spec.strides);
}

void add_levels_by_distances(const Grid& scores, const Grid& sides, float offset, const HeadSpec& spec,
                             const DecodeOptions& options, std::vector<Candidate>& candidates) {
  const Levels levels{spec.input_height, spec.input_width};
  std::int64_t first = 0;
  for (const int stride : spec.strides) {
    const int columns = cells_along(spec.input_width, stride);
    const std::int64_t count = levels.cells(stride);
    add_by_distances(
        {part_of(scores, first, count, 0, spec.classes), part_of(sides, first, count, 0, std::int64_t{4} * spec.bins),
         0, columns, static_cast<float>(stride), offset},
        spec, options, candidates);
    first += count;
  }
}

}  // namespace saker
