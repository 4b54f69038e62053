// YOLOv8 and 11: task-aligned assignment, complete IoU and distribution focal loss (Li et al. 2020) for the boxes, and
// binary cross-entropy for the scores of all cells.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/thread_pool.h"
#include "losses/assign_aligned.h"
#include "losses/bce.h"
#include "losses/iou.h"
#include "losses/loss.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

struct Sums {
  double box = 0, cls = 0, dfl = 0;
};

// What a sum's derivatives are multiplied with, to be those of the total.
struct Scales {
  double box = 0, cls = 0, dfl = 0;
};

// The distribution of one side's distance, in cells.
struct Side {
  std::vector<double> share;
  double mean = 0, log_sum = 0;

  void read(const float* logits, std::int64_t step, std::int64_t bins) {
    share.resize(static_cast<std::size_t>(bins));
    double largest = static_cast<double>(logits[0]), sum = 0;
    for (std::int64_t b = 1; b < bins; ++b) largest = std::max(largest, static_cast<double>(logits[b * step]));
    for (std::int64_t b = 0; b < bins; ++b) {
      sum += share[static_cast<std::size_t>(b)] = std::exp(static_cast<double>(logits[b * step]) - largest);
    }
    mean = 0;
    for (std::size_t b = 0; b < share.size(); ++b) mean += (share[b] /= sum) * static_cast<double>(b);
    log_sum = largest + std::log(sum);
  }
};

class DistanceLoss final : public Loss {
 public:
  explicit DistanceLoss(const DistanceLossOptions& options) : options_(options) { SAKER_CHECK(options.reg_max > 1); }

  std::vector<std::string_view> item_names() const override { return {"box_loss", "cls_loss", "dfl_loss"}; }

  Losses compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize input,
                 ThreadPool& pool) override;

 private:
  void take_levels(std::span<const MapView> maps);
  double assign(std::span<const Target> targets, ThreadPool& pool);
  Sums level_sums(const DistanceLevel& level, std::int64_t picture, std::span<const Target> targets,
                  const Scales& scales) const;
  void add_positive(const DistanceLevel& level, std::int64_t picture, const AlignedPositive& positive,
                    const Target& target, std::array<Side, 4>& sides, const Scales& scales, Sums& sums) const;

  const DistanceLossOptions options_;
  const LogitsKernel& kernel_ = chosen_kernel();
  std::vector<DistanceLevel> levels_;
  std::vector<AlignedAssigner> assigners_;               // one a thread
  std::vector<std::vector<AlignedPositive>> positives_;  // by picture
};

void DistanceLoss::take_levels(std::span<const MapView> maps) {
  SAKER_CHECK(!maps.empty() && maps.size() == 2 * options_.strides.size());
  levels_.clear();
  std::int64_t cells = 0;
  for (std::size_t i = 0; i < options_.strides.size(); ++i) {
    const MapView &boxes = maps[2 * i], &scores = maps[2 * i + 1];
    check_map(boxes, boxes, maps[0].batch, 4 * options_.reg_max);
    check_map(scores, boxes, maps[0].batch, options_.classes);
    levels_.push_back({boxes, scores, static_cast<float>(options_.strides[i]), cells});
    cells += boxes.height * boxes.width;
  }
}

// The sum of the weights.
double DistanceLoss::assign(std::span<const Target> targets, ThreadPool& pool) {
  const std::int64_t batch = levels_[0].boxes.batch;
  const auto by_picture = targets_by_picture(targets, batch);
  positives_.resize(static_cast<std::size_t>(batch));
  while (assigners_.size() < static_cast<std::size_t>(pool.threads())) assigners_.emplace_back(kernel_);
  pool.run(batch, [&](std::int64_t picture, int thread) {
    const auto p = static_cast<std::size_t>(picture);
    positives_[p] = assigners_[static_cast<std::size_t>(thread)].assign(levels_, picture, targets, by_picture[p]);
  });
  double sum = 0;
  for (const auto& positives : positives_) {
    for (const AlignedPositive& positive : positives) sum += static_cast<double>(positive.weight);
  }
  return sum;
}

// Box and distribution of one positive. Derivatives go through the expected distances to every bin.
void DistanceLoss::add_positive(const DistanceLevel& level, std::int64_t picture, const AlignedPositive& positive,
                                const Target& target, std::array<Side, 4>& sides, const Scales& scales,
                                Sums& sums) const {
  const MapView& map = level.boxes;
  const std::int64_t bins = options_.reg_max, cell = positive.cell - level.first_cell;
  const std::int64_t y = cell / map.width, x = cell % map.width;
  const std::int64_t offset = place(map, picture, 0, y, x), step = map.strides[1];
  for (std::int64_t side = 0; side < 4; ++side) {
    sides[static_cast<std::size_t>(side)].read(map.values + offset + side * bins * step, step, bins);
  }
  using Number = Dual<4>;
  const double stride = static_cast<double>(level.stride), weight = static_cast<double>(positive.weight);
  const double middle_x = static_cast<double>(x) + 0.5, middle_y = static_cast<double>(y) + 0.5;
  const double half_w = static_cast<double>(target.w) / 2, half_h = static_cast<double>(target.h) / 2;
  const double x1 = (static_cast<double>(target.x) - half_w) / stride;
  const double x2 = (static_cast<double>(target.x) + half_w) / stride;
  const double y1 = (static_cast<double>(target.y) - half_h) / stride;
  const double y2 = (static_cast<double>(target.y) + half_h) / stride;

  const auto distance = [&](std::size_t side) { return Number::variable(sides[side].mean, side); };
  const Box<Number> box = box_of_corners<Number>(middle_x - distance(0), middle_y - distance(1), middle_x + distance(2),
                                                 middle_y + distance(3));
  const Box<Number> truth = box_of_corners<Number>(x1, y1, x2, y2);
  const Number overlap = complete_iou(box, truth, aspect(truth));
  sums.box += (1 - overlap.value) * weight;

  const double wanted[4] = {middle_x - x1, middle_y - y1, x2 - middle_x, y2 - middle_y};
  for (std::size_t side = 0; side < 4; ++side) {
    const Side& predicted = sides[side];
    const std::int64_t first = offset + static_cast<std::int64_t>(side) * bins * step;
    const double aim = std::clamp(wanted[side], 0.0, static_cast<double>(bins - 1) - 0.01);
    const auto below = static_cast<std::int64_t>(aim);
    const double share_above = aim - static_cast<double>(below), share_below = 1 - share_above;
    const double mean_logit = share_below * static_cast<double>(map.values[first + below * step]) +
                              share_above * static_cast<double>(map.values[first + (below + 1) * step]);
    sums.dfl += (predicted.log_sum - mean_logit) * weight / 4;
    if (map.gradients == nullptr) continue;
    const double by_mean = -overlap.slopes[side] * weight * scales.box, by_dfl = weight / 4 * scales.dfl;
    for (std::int64_t b = 0; b < bins; ++b) {
      const double share = predicted.share[static_cast<std::size_t>(b)];
      const double aimed = b == below ? share_below : b == below + 1 ? share_above : 0;
      map.gradients[first + b * step] =
          static_cast<float>(by_mean * share * (static_cast<double>(b) - predicted.mean) + by_dfl * (share - aimed));
    }
  }
}

Sums DistanceLoss::level_sums(const DistanceLevel& level, std::int64_t picture, std::span<const Target> targets,
                              const Scales& scales) const {
  const MapView& scores = level.scores;
  Sums sums;
  clear_gradients(level.boxes, picture);
  sums.cls = softplus_sum(kernel_, scores, picture, static_cast<float>(scales.cls));
  std::array<Side, 4> sides;
  const std::int64_t end = level.first_cell + scores.height * scores.width;
  for (const AlignedPositive& positive : positives_[static_cast<std::size_t>(picture)]) {
    if (positive.cell < level.first_cell || positive.cell >= end) continue;
    const Target& target = targets[static_cast<std::size_t>(positive.target)];
    const std::int64_t cell = positive.cell - level.first_cell;
    const std::int64_t at = place(scores, picture, target.category, cell / scores.width, cell % scores.width);
    const double weight = static_cast<double>(positive.weight);
    sums.cls -= static_cast<double>(scores.values[at]) * weight;
    if (scores.gradients != nullptr) scores.gradients[at] -= static_cast<float>(weight * scales.cls);
    add_positive(level, picture, positive, target, sides, scales, sums);
  }
  return sums;
}

Losses DistanceLoss::compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize /*input*/,
                             ThreadPool& pool) {
  take_levels(maps);
  check_targets(targets, maps[0].batch, options_.classes);
  const std::int64_t batch = maps[0].batch;
  const double weights = assign(targets, pool);
  const double share = 1 / larger(weights, 1.0);
  const double factor = share * static_cast<double>(batch);
  const Scales scales{options_.box * factor, options_.cls * factor, options_.dfl * factor};

  const auto levels = static_cast<std::int64_t>(levels_.size());
  std::vector<Sums> sums(static_cast<std::size_t>(batch * levels));
  pool.run(batch * levels, [&](std::int64_t i, int) {
    sums[static_cast<std::size_t>(i)] =
        level_sums(levels_[static_cast<std::size_t>(i % levels)], i / levels, targets, scales);
  });
  Sums all;
  for (const Sums& part : sums) {
    all.box += part.box;
    all.cls += part.cls;
    all.dfl += part.dfl;
  }
  const double box = all.box * options_.box * share, cls = all.cls * options_.cls * share,
               dfl = all.dfl * options_.dfl * share;
  return {(box + cls + dfl) * static_cast<double>(batch), {{"box_loss", box}, {"cls_loss", cls}, {"dfl_loss", dfl}}};
}

}  // namespace

std::unique_ptr<Loss> make_loss(const DistanceLossOptions& options) {
  return std::make_unique<DistanceLoss>(options);
}

}  // namespace saker::losses
