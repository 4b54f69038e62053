// YOLOX: SimOTA, 1 - IoU^2 for the boxes of positives, binary cross-entropy for their scores and for the objectness of
// all cells; in the last epochs the distance to what the convolution should have given, too.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/thread_pool.h"
#include "losses/assign_simota.h"
#include "losses/bce.h"
#include "losses/iou.h"
#include "losses/loss.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr double kBoxGain = 5;

struct Sums {
  double box = 0, obj = 0, cls = 0, l1 = 0;
};

class YoloxLoss final : public Loss {
 public:
  explicit YoloxLoss(const YoloxLossOptions& options) : options_(options) {}

  std::vector<std::string_view> item_names() const override { return {"iou_loss", "conf_loss", "cls_loss", "l1_loss"}; }

  Losses compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize input,
                 ThreadPool& pool) override;

 private:
  void take_levels(std::span<const MapView> maps);
  std::size_t assign(std::span<const Target> targets, ThreadPool& pool);
  Sums level_sums(const YoloxLevel& level, std::int64_t picture, std::span<const Target> targets, double share) const;
  void add_box(const YoloxLevel& level, std::int64_t offset, std::int64_t y, std::int64_t x, const Target& target,
               double share, Sums& sums) const;
  double scores(const MapView& cell, std::int64_t picture, std::int64_t category, double aim, double share) const;

  const YoloxLossOptions options_;
  const LogitsKernel& kernel_ = chosen_kernel();
  std::vector<YoloxLevel> levels_;
  std::vector<SimotaAssigner> assigners_;               // one a thread
  std::vector<std::vector<SimotaPositive>> positives_;  // by picture
};

void YoloxLoss::take_levels(std::span<const MapView> maps) {
  SAKER_CHECK(!maps.empty() && maps.size() == 3 * options_.strides.size());
  levels_.clear();
  std::int64_t cells = 0;
  for (std::size_t i = 0; i < options_.strides.size(); ++i) {
    const MapView &boxes = maps[3 * i], &objectness = maps[3 * i + 1], &scores = maps[3 * i + 2];
    check_map(boxes, boxes, maps[0].batch, 4);
    check_map(objectness, boxes, maps[0].batch, 1);
    check_map(scores, boxes, maps[0].batch, options_.classes);
    levels_.push_back({boxes, objectness, scores, static_cast<float>(options_.strides[i]), cells});
    cells += boxes.height * boxes.width;
  }
}

// The number of positives.
std::size_t YoloxLoss::assign(std::span<const Target> targets, ThreadPool& pool) {
  const std::int64_t batch = levels_[0].boxes.batch;
  const auto by_picture = targets_by_picture(targets, batch);
  positives_.resize(static_cast<std::size_t>(batch));
  assigners_.resize(static_cast<std::size_t>(pool.threads()));
  pool.run(batch, [&](std::int64_t picture, int thread) {
    const auto p = static_cast<std::size_t>(picture);
    positives_[p] = assigners_[static_cast<std::size_t>(thread)].assign(levels_, picture, targets, by_picture[p]);
  });
  std::size_t count = 0;
  for (const auto& positives : positives_) count += positives.size();
  return count;
}

// The box of one positive, in pixels.
void YoloxLoss::add_box(const YoloxLevel& level, std::int64_t offset, std::int64_t y, std::int64_t x,
                        const Target& target, double share, Sums& sums) const {
  using Number = Dual<4>;
  const MapView& map = level.boxes;
  const std::int64_t step = map.strides[1];
  const double stride = static_cast<double>(level.stride), column = static_cast<double>(x),
               row = static_cast<double>(y);
  const std::array<double, 4> true_box = {static_cast<double>(target.x), static_cast<double>(target.y),
                                          static_cast<double>(target.w), static_cast<double>(target.h)};
  std::array<Number, 4> raw;
  for (std::size_t i = 0; i < 4; ++i) {
    raw[i] = Number::variable(static_cast<double>(map.values[offset + static_cast<std::int64_t>(i) * step]), i);
  }
  const auto predicted = box_of_centre<Number>((raw[0] + column) * stride, (raw[1] + row) * stride,
                                               exp(raw[2]) * stride, exp(raw[3]) * stride);
  const Number overlap = iou(predicted, box_of_centre<Number>(true_box[0], true_box[1], true_box[2], true_box[3]));
  const Number missed = 1 - overlap * overlap;
  sums.box += missed.value;
  const std::array<double, 4> aims = {true_box[0] / stride - column, true_box[1] / stride - row,
                                      std::log(true_box[2] / stride + 1e-8), std::log(true_box[3] / stride + 1e-8)};
  for (std::size_t i = 0; i < 4; ++i) {
    double slope = kBoxGain * missed.slopes[i];
    if (options_.l1) {
      const double distance = raw[i].value - aims[i];
      sums.l1 += std::fabs(distance);
      slope += distance > 0 ? 1 : distance < 0 ? -1 : 0;
    }
    if (map.gradients != nullptr) {
      map.gradients[offset + static_cast<std::int64_t>(i) * step] = static_cast<float>(slope * share);
    }
  }
}

// Of one positive's cell. `aim`: the target of its class.
double YoloxLoss::scores(const MapView& cell, std::int64_t picture, std::int64_t category, double aim,
                         double share) const {
  const double sum = softplus_sum(kernel_, cell, picture, static_cast<float>(share));
  const std::int64_t at = place(cell, picture, category, 0, 0);
  if (cell.gradients != nullptr) cell.gradients[at] -= static_cast<float>(aim * share);
  return sum - static_cast<double>(cell.values[at]) * aim;
}

Sums YoloxLoss::level_sums(const YoloxLevel& level, std::int64_t picture, std::span<const Target> targets,
                           double share) const {
  const MapView& objectness = level.objectness;
  Sums sums;
  clear_gradients(level.boxes, picture);
  clear_gradients(level.scores, picture);
  sums.obj = softplus_sum(kernel_, objectness, picture, static_cast<float>(share));
  const std::int64_t end = level.first_cell + objectness.height * objectness.width;
  for (const SimotaPositive& positive : positives_[static_cast<std::size_t>(picture)]) {
    if (positive.cell < level.first_cell || positive.cell >= end) continue;
    const Target& target = targets[static_cast<std::size_t>(positive.target)];
    const std::int64_t cell = positive.cell - level.first_cell;
    const std::int64_t y = cell / objectness.width, x = cell % objectness.width;
    const std::int64_t at = place(objectness, picture, 0, y, x);
    sums.obj -= static_cast<double>(objectness.values[at]);
    if (objectness.gradients != nullptr) objectness.gradients[at] -= static_cast<float>(share);
    add_box(level, place(level.boxes, picture, 0, y, x), y, x, target, share, sums);
    sums.cls +=
        scores(cell_of(level.scores, y, x), picture, target.category, static_cast<double>(positive.overlap), share);
  }
  return sums;
}

Losses YoloxLoss::compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize /*input*/,
                          ThreadPool& pool) {
  take_levels(maps);
  check_targets(targets, maps[0].batch, options_.classes);
  const std::size_t positives = assign(targets, pool);
  const double share = 1 / static_cast<double>(std::max<std::size_t>(positives, 1));
  const auto levels = static_cast<std::int64_t>(levels_.size());
  std::vector<Sums> sums(static_cast<std::size_t>(maps[0].batch * levels));
  pool.run(maps[0].batch * levels, [&](std::int64_t i, int) {
    sums[static_cast<std::size_t>(i)] =
        level_sums(levels_[static_cast<std::size_t>(i % levels)], i / levels, targets, share);
  });
  Sums all;
  for (const Sums& part : sums) {
    all.box += part.box;
    all.obj += part.obj;
    all.cls += part.cls;
    all.l1 += part.l1;
  }
  const double box = all.box * share * kBoxGain, obj = all.obj * share, cls = all.cls * share, l1 = all.l1 * share;
  return {box + obj + cls + l1, {{"iou_loss", box}, {"conf_loss", obj}, {"cls_loss", cls}, {"l1_loss", l1}}};
}

}  // namespace

std::unique_ptr<Loss> make_loss(const YoloxLossOptions& options) {
  return std::make_unique<YoloxLoss>(options);
}

}  // namespace saker::losses
