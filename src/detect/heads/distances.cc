// Boxes as distances from a point to the four sides.
#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace

void add_by_distances(const DistanceCells& cells, const HeadSpec& spec, const DecodeOptions& options,
                      std::vector<Candidate>& candidates) {
  std::vector<std::int64_t> found;
  cells_above(cells.scores, 0, spec.classes, spec.logits ? logit_bound(options.conf) : options.conf, found);
  std::vector<float> scores(spec.logits ? static_cast<std::size_t>(spec.classes) : 0);
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
    if (!spec.logits) {
      add_classes(cells.scores, i, 0, spec.classes, 1, box, options, candidates);
      continue;
    }
    for (int c = 0; c < spec.classes; ++c) scores[static_cast<std::size_t>(c)] = sigmoid(cells.scores.at(i, c));
    add_classes({scores.data(), 1, spec.classes, spec.classes, 1}, 0, 0, spec.classes, 1, box, options, candidates);
  }
}

}  // namespace saker
