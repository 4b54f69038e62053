#include "losses/assign_simota.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "losses/bce.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr float kReach = 1.5F;        // strides, from a target's middle to a cell's
constexpr float kFarCost = 1e6F;      // of a cell that is only near another target
constexpr float kOverlapCost = 3;     // times -ln IoU
constexpr std::size_t kCounted = 10;  // overlaps that are summed for the number of cells

// Cross-entropy of a probability; as in PyTorch it ends at 100.
double miss(double p) {
  return std::min(-std::log(p), 100.0);
}

float joint(float objectness, float logit) {
  return std::sqrt(sigmoid(logit) * objectness);
}

// The scores' cross-entropies if the cell had no class: logarithms of products, of which eight float32 probabilities
// do not underflow.
float cost_of_none(const MapView& scores, std::int64_t offset, float objectness) {
  double sum = 0, product = 1;
  for (std::int64_t k = 0; k < scores.channels; ++k) {
    const double none = 1 - static_cast<double>(joint(objectness, scores.values[offset + k * scores.strides[1]]));
    if (none == 0) {
      sum += miss(none);
    } else {
      product *= none;
    }
    if (k % 8 == 7 || k + 1 == scores.channels) {
      sum -= std::log(product);
      product = 1;
    }
  }
  return static_cast<float>(sum);
}

}  // namespace

// Cells near any target, each once, in their order.
void SimotaAssigner::find_candidates(std::span<const YoloxLevel> levels, std::int64_t picture,
                                     std::span<const Target> targets, std::span<const std::int32_t> mine) {
  candidates_.clear();
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const YoloxLevel& level = levels[l];
    const MapView& map = level.boxes;
    const double stride = static_cast<double>(level.stride), reach = static_cast<double>(kReach) * stride;
    cells_.clear();
    for (const std::int32_t number : mine) {
      const Target& target = targets[static_cast<std::size_t>(number)];
      const double tx = static_cast<double>(target.x), ty = static_cast<double>(target.y);
      const CellRange rows = cells_within(ty - reach, ty + reach, stride, map.height);
      const CellRange columns = cells_within(tx - reach, tx + reach, stride, map.width);
      for (std::int64_t y = rows.first; y < rows.end; ++y) {
        for (std::int64_t x = columns.first; x < columns.end; ++x) {
          cells_.push_back(static_cast<std::int32_t>(y * map.width + x));
        }
      }
    }
    std::sort(cells_.begin(), cells_.end());
    cells_.erase(std::unique(cells_.begin(), cells_.end()), cells_.end());
    for (const std::int32_t cell : cells_) {
      candidates_.push_back(candidate(level, static_cast<std::int32_t>(l), picture, cell));
    }
  }
}

SimotaAssigner::Candidate SimotaAssigner::candidate(const YoloxLevel& level, std::int32_t number, std::int64_t picture,
                                                    std::int32_t cell) const {
  const std::int64_t y = cell / level.boxes.width, x = cell % level.boxes.width;
  const float column = static_cast<float>(x), row = static_cast<float>(y), stride = level.stride;
  const float* raw = level.boxes.values + place(level.boxes, picture, 0, y, x);
  const std::int64_t step = level.boxes.strides[1];
  Candidate c;
  c.cell = static_cast<std::int32_t>(level.first_cell) + cell;
  c.level = number;
  c.x = (column + 0.5F) * stride;
  c.y = (row + 0.5F) * stride;
  c.reach = kReach * stride;
  c.box = box_of_centre((raw[0] + column) * stride, (raw[step] + row) * stride, std::exp(raw[2 * step]) * stride,
                        std::exp(raw[3 * step]) * stride);
  c.objectness = sigmoid(level.objectness.values[place(level.objectness, picture, 0, y, x)]);
  c.scores = place(level.scores, picture, 0, y, x);
  c.no_class = cost_of_none(level.scores, c.scores, c.objectness);
  return c;
}

SimotaAssigner::Pair SimotaAssigner::compare(const Candidate& candidate, std::span<const YoloxLevel> levels,
                                             const Target& target) const {
  const MapView& scores = levels[static_cast<std::size_t>(candidate.level)].scores;
  const float p = joint(candidate.objectness, scores.values[candidate.scores + target.category * scores.strides[1]]);
  const float classes =
      candidate.no_class + static_cast<float>(miss(static_cast<double>(p)) - miss(1 - static_cast<double>(p)));
  const float overlap = iou(box_of_centre(target.x, target.y, target.w, target.h), candidate.box);
  const bool near =
      std::fabs(candidate.x - target.x) < candidate.reach && std::fabs(candidate.y - target.y) < candidate.reach;
  return {classes + kOverlapCost * -std::log(overlap + 1e-8F) + (near ? 0 : kFarCost), overlap};
}

// The cells of least cost for one target; of equals the first.
void SimotaAssigner::pick(std::size_t row) {
  const std::size_t count = candidates_.size();
  const std::span<const Pair> pairs(pairs_.data() + row * count, count);
  overlaps_.clear();
  for (const Pair& pair : pairs) overlaps_.push_back(std::isnan(pair.overlap) ? 0 : pair.overlap);
  const auto counted = static_cast<std::ptrdiff_t>(std::min(kCounted, count));
  std::partial_sort(overlaps_.begin(), overlaps_.begin() + counted, overlaps_.end(), std::greater<>());
  float sum = 0;
  for (std::ptrdiff_t i = 0; i < counted; ++i) sum += overlaps_[static_cast<std::size_t>(i)];
  const auto wanted = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(sum), 1, counted);

  order_.resize(count);
  for (std::size_t i = 0; i < count; ++i) order_[i] = static_cast<std::int32_t>(i);
  const auto cost = [&](std::int32_t i) {
    const float value = pairs[static_cast<std::size_t>(i)].cost;
    return std::isnan(value) ? -HUGE_VALF : value;
  };
  std::partial_sort(order_.begin(), order_.begin() + wanted, order_.end(),
                    [&](std::int32_t a, std::int32_t b) { return cost(a) != cost(b) ? cost(a) < cost(b) : a < b; });
  for (std::ptrdiff_t i = 0; i < wanted; ++i) {
    const auto c = static_cast<std::size_t>(order_[static_cast<std::size_t>(i)]);
    owner_[c] = static_cast<std::int32_t>(row);
    ++picks_[c];
  }
}

const std::vector<SimotaPositive>& SimotaAssigner::assign(std::span<const YoloxLevel> levels, std::int64_t picture,
                                                          std::span<const Target> targets,
                                                          std::span<const std::int32_t> mine) {
  positives_.clear();
  find_candidates(levels, picture, targets, mine);
  const std::size_t count = candidates_.size();
  if (count == 0) return positives_;
  pairs_.clear();
  for (const std::int32_t number : mine) {
    for (const Candidate& c : candidates_) {
      pairs_.push_back(compare(c, levels, targets[static_cast<std::size_t>(number)]));
    }
  }
  picks_.assign(count, 0);
  owner_.assign(count, 0);
  for (std::size_t row = 0; row < mine.size(); ++row) pick(row);
  for (std::size_t c = 0; c < count; ++c) {
    if (picks_[c] == 0) continue;
    auto row = static_cast<std::size_t>(owner_[c]);
    if (picks_[c] > 1) {  // the least cost of all, even of a target that has not picked it
      row = 0;
      for (std::size_t r = 1; r < mine.size(); ++r) {
        if (pairs_[r * count + c].cost < pairs_[row * count + c].cost) row = r;
      }
    }
    positives_.push_back({candidates_[c].cell, mine[row], pairs_[row * count + c].overlap});
  }
  return positives_;
}

}  // namespace saker::losses
