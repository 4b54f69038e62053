#include "losses/assign_aligned.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "losses/bce.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr std::size_t kPicks = 10;
constexpr double kSmallestSide = 16;  // pixels; shorter sides are widened, but only to find cells
constexpr float kTiny = 1e-9F;

struct Pick {
  float metric = 0, overlap = 0;
  std::int32_t cell = 0;
};

// The largest metrics, largest first; NaN is larger than all, and of equals the first stays.
class TopPicks {
 public:
  void add(const Pick& pick) {
    std::size_t at = count_;
    while (at > 0 && precedes(pick, picks_[at - 1])) --at;
    if (at == kPicks) return;
    count_ = std::min(count_ + 1, kPicks);
    for (std::size_t i = count_ - 1; i > at; --i) picks_[i] = picks_[i - 1];
    picks_[at] = pick;
  }
  std::span<const Pick> list() const { return {picks_.data(), count_}; }

 private:
  static bool precedes(const Pick& a, const Pick& b) {
    return a.metric > b.metric || (std::isnan(a.metric) && !std::isnan(b.metric));
  }
  std::array<Pick, kPicks> picks_;
  std::size_t count_ = 0;
};

}  // namespace

const std::vector<AlignedPositive>& AlignedAssigner::assign(std::span<const DistanceLevel> levels, std::int64_t picture,
                                                            std::span<const Target> targets,
                                                            std::span<const std::int32_t> mine) {
  positives_.clear();
  if (mine.empty()) return positives_;
  const DistanceLevel& last = levels.back();
  cells_.assign(static_cast<std::size_t>(last.first_cell + last.boxes.height * last.boxes.width), {});
  logits_.resize(static_cast<std::size_t>(last.boxes.channels));
  picked_.clear();
  for (const std::int32_t number : mine) {
    pick_for(number, targets[static_cast<std::size_t>(number)], levels, picture);
  }
  settle(targets.size());
  return positives_;
}

// The prediction in pixels.
const Box<float>& AlignedAssigner::box_of(const DistanceLevel& level, std::int64_t picture, std::int64_t y,
                                          std::int64_t x) {
  const MapView& map = level.boxes;
  CellState& cell = cells_[static_cast<std::size_t>(level.first_cell + y * map.width + x)];
  if (cell.decoded) return cell.box;
  const float* logits = map.values + place(map, picture, 0, y, x);
  if (map.strides[1] != 1) {
    for (std::int64_t c = 0; c < map.channels; ++c) logits_[static_cast<std::size_t>(c)] = logits[c * map.strides[1]];
    logits = logits_.data();
  }
  const std::int64_t bins = map.channels / 4;
  float sides[4];
  for (std::int64_t side = 0; side < 4; ++side)
    sides[side] = kernel_.expected_bin(bins, logits + side * bins) * level.stride;
  const float middle_x = (static_cast<float>(x) + 0.5F) * level.stride;
  const float middle_y = (static_cast<float>(y) + 0.5F) * level.stride;
  cell.box = box_of_corners(middle_x - sides[0], middle_y - sides[1], middle_x + sides[2], middle_y + sides[3]);
  cell.decoded = true;
  return cell.box;
}

void AlignedAssigner::pick_for(std::int32_t number, const Target& target, std::span<const DistanceLevel> levels,
                               std::int64_t picture) {
  const float half_w = target.w / 2, half_h = target.h / 2;
  const Box<float> truth = box_of_corners(target.x - half_w, target.y - half_h, target.x + half_w, target.y + half_h);
  const float truth_aspect = aspect(truth);
  const auto range = [](float centre, float side, double stride, std::int64_t count) {
    const double half = std::max(static_cast<double>(side), kSmallestSide) / 2, middle = static_cast<double>(centre);
    return cells_within(middle - half, middle + half, stride, count);
  };
  TopPicks top;
  for (const DistanceLevel& level : levels) {
    const MapView& map = level.scores;
    const CellRange rows = range(target.y, target.h, static_cast<double>(level.stride), map.height);
    const CellRange columns = range(target.x, target.w, static_cast<double>(level.stride), map.width);
    for (std::int64_t y = rows.first; y < rows.end; ++y) {
      for (std::int64_t x = columns.first; x < columns.end; ++x) {
        const float overlap = complete_iou(box_of(level, picture, y, x), truth, truth_aspect);
        if (overlap <= 0) continue;
        const float score = sigmoid(map.values[place(map, picture, target.category, y, x)]);
        const float cubed = overlap * overlap * overlap;
        const float metric = std::sqrt(score) * (cubed * cubed);
        if (metric == 0) continue;  // underflow
        const std::int64_t cell = level.first_cell + y * map.width + x;
        Fit& best = cells_[static_cast<std::size_t>(cell)].best;
        if (!(overlap <= best.overlap)) best = {metric, overlap, number};
        top.add({metric, overlap, static_cast<std::int32_t>(cell)});
      }
    }
  }
  for (const Pick& pick : top.list()) {
    CellState& cell = cells_[static_cast<std::size_t>(pick.cell)];
    if (cell.picks++ == 0) picked_.push_back(pick.cell);
    cell.picked = {pick.metric, pick.overlap, number};
  }
}

// A cell that several have picked goes to the target that it overlaps most, even to one that has not picked it. A
// target's best cell gets the best overlap as its weight, the others less by their metric.
void AlignedAssigner::settle(std::size_t targets) {
  std::sort(picked_.begin(), picked_.end());
  fits_.clear();
  top_metric_.assign(targets, 0);
  top_overlap_.assign(targets, 0);
  for (const std::int32_t number : picked_) {
    const CellState& cell = cells_[static_cast<std::size_t>(number)];
    const Fit& fit = cell.picks > 1 ? cell.best : cell.picked;
    const auto target = static_cast<std::size_t>(fit.target);
    top_metric_[target] = larger(top_metric_[target], fit.metric);
    top_overlap_[target] = larger(top_overlap_[target], fit.overlap);
    fits_.push_back(fit);
  }
  for (std::size_t i = 0; i < picked_.size(); ++i) {
    const auto target = static_cast<std::size_t>(fits_[i].target);
    const float weight = fits_[i].metric * top_overlap_[target] / (top_metric_[target] + kTiny);
    positives_.push_back({picked_[i], fits_[i].target, weight});
  }
}

}  // namespace saker::losses
