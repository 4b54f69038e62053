// YOLOv5 7.0: anchors matched by size, complete IoU for boxes, which is also the target of their objectness, and binary
// cross-entropy or focal loss.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/thread_pool.h"
#include "losses/assign_anchors.h"
#include "losses/bce.h"
#include "losses/iou.h"
#include "losses/loss.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr std::int64_t kAtOnce = 128;  // scores that are collected

struct Sums {
  double box = 0, obj = 0, cls = 0;
};

// How much of each level counts for the objectness.
std::vector<double> balance_of(std::size_t levels) {
  if (levels == 3) return {4, 1, 0.4};
  return {4, 1, 0.25, 0.06, 0.02};
}

struct Level {
  MapView map;
  AnchorGrid grid;
  double balance = 1;
  std::size_t matches = 0;                           // of the batch
  std::vector<std::vector<AnchorMatch>> by_picture;  // in their order
};

class AnchorLoss final : public Loss {
 public:
  explicit AnchorLoss(const AnchorLossOptions& options);

  std::vector<std::string_view> item_names() const override { return {"box_loss", "obj_loss", "cls_loss"}; }

  Losses compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize input,
                 ThreadPool& pool) override;

 private:
  void take_levels(std::span<const MapView> maps, std::span<const Target> targets);
  Sums level_sums(const Level& level, std::int64_t picture, std::span<const Target> targets) const;
  double objectness(const Level& level, std::int64_t picture, double factor) const;
  double box(const Level& level, const AnchorMatch& match, const Target& target, double factor) const;
  double scores(const Level& level, const AnchorMatch& match, const Target& target, double factor) const;
  double put_targets_right(const Level& level, std::vector<std::pair<std::int64_t, double>> aims, double factor) const;
  std::int64_t place_of(const Level& level, const AnchorMatch& match, const Target& target) const;

  const AnchorLossOptions options_;
  const LogitsKernel& kernel_ = chosen_kernel();
  const std::int64_t numbers_;  // of one anchor: box, objectness, scores
  const std::int64_t anchors_;  // of one level
  BinaryLoss obj_loss_, cls_loss_;
  double box_gain_, obj_gain_, cls_gain_;
  std::vector<Level> levels_;
};

AnchorLoss::AnchorLoss(const AnchorLossOptions& options)
    : options_(options),
      numbers_(5 + options.classes),
      anchors_(
          static_cast<std::int64_t>(options.anchors.size() / std::max<std::size_t>(options.strides.size(), 1) / 2)),
      obj_loss_{options.obj_pw, options.fl_gamma},
      cls_loss_{options.cls_pw, options.fl_gamma} {
  const std::size_t levels = options_.strides.size();
  SAKER_CHECK(levels > 0 && levels <= 5 && anchors_ > 0);
  SAKER_CHECK(options_.anchors.size() == levels * static_cast<std::size_t>(anchors_) * 2);
  const double of_levels = 3 / static_cast<double>(levels), side = options_.image_size / 640;
  box_gain_ = options_.box * of_levels;
  obj_gain_ = options_.obj * side * side * of_levels;
  cls_gain_ = options_.cls * static_cast<double>(options_.classes) / 80 * of_levels;
}

void AnchorLoss::take_levels(std::span<const MapView> maps, std::span<const Target> targets) {
  SAKER_CHECK(maps.size() == options_.strides.size());
  const auto pictures = static_cast<std::size_t>(maps[0].batch);
  const std::vector<double> balance = balance_of(maps.size());
  levels_.resize(maps.size());
  for (std::size_t i = 0; i < maps.size(); ++i) {
    check_map(maps[i], maps[i], maps[0].batch, anchors_ * numbers_);
    const auto of_level = static_cast<std::size_t>(anchors_) * 2;
    Level& level = levels_[i];
    level.map = maps[i];
    level.grid = {maps[i].height, maps[i].width, static_cast<float>(options_.strides[i]),
                  std::span(options_.anchors).subspan(i * of_level, of_level)};
    level.balance = balance[i];
    level.by_picture.assign(pictures, {});
    const std::vector<AnchorMatch> matches = match_anchors(targets, level.grid, options_.anchor_t);
    level.matches = matches.size();
    for (const AnchorMatch& match : matches) {
      const Target& target = targets[static_cast<std::size_t>(match.target)];
      level.by_picture[static_cast<std::size_t>(target.picture)].push_back(match);
    }
  }
}

std::int64_t AnchorLoss::place_of(const Level& level, const AnchorMatch& match, const Target& target) const {
  return place(level.map, target.picture, match.anchor * numbers_, match.y, match.x);
}

// Of all cells of a picture, as if none had a target; written over the gradients.
double AnchorLoss::objectness(const Level& level, std::int64_t picture, double factor) const {
  double sum = 0;
  for (std::int64_t a = 0; a < anchors_; ++a) {
    const MapView map = channels_of(level.map, a * numbers_ + 4, 1);
    if (obj_loss_.gamma == 0) {
      sum += softplus_sum(kernel_, map, picture, static_cast<float>(factor));
      continue;
    }
    for_each_run(map, picture, [&](std::int64_t offset, std::int64_t count, std::int64_t step) {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = offset + i * step;
        const BinaryLoss::Value loss = obj_loss_(static_cast<double>(map.values[at]), 0);
        sum += loss.value;
        if (map.gradients != nullptr) map.gradients[at] = static_cast<float>(loss.slope * factor);
      }
    });
  }
  return sum;
}

// What the cells with a target change of the objectness. `aims`: where it is, and its target; the last one counts.
double AnchorLoss::put_targets_right(const Level& level, std::vector<std::pair<std::int64_t, double>> aims,
                                     double factor) const {
  std::stable_sort(aims.begin(), aims.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  double change = 0;
  for (std::size_t i = 0; i < aims.size(); ++i) {
    const auto [at, aim] = aims[i];
    if (i + 1 < aims.size() && aims[i + 1].first == at) continue;
    const double x = static_cast<double>(level.map.values[at]);
    const BinaryLoss::Value loss = obj_loss_(x, aim);
    change += loss.value - obj_loss_(x, 0).value;
    if (level.map.gradients != nullptr) level.map.gradients[at] = static_cast<float>(loss.slope * factor);
  }
  return change;
}

// The complete IoU of a match, in cells; `factor` times the derivatives of 1 less it are added to the gradients.
double AnchorLoss::box(const Level& level, const AnchorMatch& match, const Target& target, double factor) const {
  using Number = Dual<4>;
  const std::int64_t at = place_of(level, match, target), step = level.map.strides[1];
  const double stride = static_cast<double>(level.grid.stride);
  std::array<Number, 4> s;
  for (std::size_t i = 0; i < 4; ++i) {
    const double raw = static_cast<double>(level.map.values[at + static_cast<std::int64_t>(i) * step]);
    s[i] = 2 * sigmoid(Number::variable(raw, i));
  }
  const auto anchor = [&](std::size_t side) {
    return static_cast<double>(level.grid.anchors[static_cast<std::size_t>(match.anchor) * 2 + side]) / stride;
  };
  const auto in_cells = [&](float pixels) { return Number(static_cast<double>(pixels) / stride); };
  const auto predicted =
      box_of_centre<Number>(s[0] - 0.5, s[1] - 0.5, s[2] * s[2] * anchor(0), s[3] * s[3] * anchor(1));
  const auto truth =
      box_of_centre<Number>(in_cells(target.x) - static_cast<double>(match.x),
                            in_cells(target.y) - static_cast<double>(match.y), in_cells(target.w), in_cells(target.h));
  const Number overlap = complete_iou(predicted, truth, aspect(truth));
  for (std::size_t i = 0; level.map.gradients != nullptr && i < 4; ++i) {
    level.map.gradients[at + static_cast<std::int64_t>(i) * step] -= static_cast<float>(overlap.slopes[i] * factor);
  }
  return overlap.value;
}

// Of one match. Matches may share a cell, so the derivatives are added up.
double AnchorLoss::scores(const Level& level, const AnchorMatch& match, const Target& target, double factor) const {
  const MapView map = cell_of(channels_of(level.map, match.anchor * numbers_ + 5, options_.classes), match.y, match.x);
  const double off = options_.label_smoothing / 2, on = 1 - off;
  const bool plain = cls_loss_.gamma == 0 && cls_loss_.positive_weight == 1;
  double sum = 0;
  for (std::int64_t first = 0; first < options_.classes; first += kAtOnce) {
    const std::int64_t count = std::min(kAtOnce, options_.classes - first);
    const std::int64_t offset = place(map, target.picture, first, 0, 0), step = map.strides[1];
    float x[kAtOnce], sigmoids[kAtOnce];
    for (std::int64_t i = 0; i < count; ++i) x[i] = map.values[offset + i * step];
    if (plain) sum += kernel_.softplus_sum(count, x, sigmoids, 1);
    for (std::int64_t i = 0; i < count; ++i) {
      const double logit = static_cast<double>(x[i]), aim = first + i == target.category ? on : off;
      const BinaryLoss::Value loss =
          plain ? BinaryLoss::Value{-aim * logit, static_cast<double>(sigmoids[i]) - aim} : cls_loss_(logit, aim);
      sum += loss.value;
      if (map.gradients != nullptr) map.gradients[offset + i * step] += static_cast<float>(loss.slope * factor);
    }
  }
  return sum;
}

// As the items count them, but for the gains.
Sums AnchorLoss::level_sums(const Level& level, std::int64_t picture, std::span<const Target> targets) const {
  const MapView& map = level.map;
  const double batch = static_cast<double>(map.batch), classes = static_cast<double>(options_.classes);
  const double of_cell = level.balance / static_cast<double>(map.batch * anchors_ * map.height * map.width);
  const double of_match = 1 / static_cast<double>(std::max<std::size_t>(level.matches, 1)),
               of_score = of_match / classes;
  clear_gradients(map, picture);
  Sums sums;
  sums.obj = objectness(level, picture, of_cell * obj_gain_ * batch);
  std::vector<std::pair<std::int64_t, double>> aims;
  for (const AnchorMatch& match : level.by_picture[static_cast<std::size_t>(picture)]) {
    const Target& target = targets[static_cast<std::size_t>(match.target)];
    const double overlap = box(level, match, target, of_match * box_gain_ * batch);
    sums.box += (1 - overlap) * of_match;
    aims.emplace_back(place_of(level, match, target) + 4 * map.strides[1], larger(overlap, 0.0));
    if (options_.classes > 1) sums.cls += scores(level, match, target, of_score * cls_gain_ * batch) * of_score;
  }
  sums.obj += put_targets_right(level, std::move(aims), of_cell * obj_gain_ * batch);
  sums.obj *= of_cell;
  return sums;
}

Losses AnchorLoss::compute(std::span<const MapView> maps, std::span<const Target> targets, ImageSize /*input*/,
                           ThreadPool& pool) {
  SAKER_CHECK(!maps.empty());
  const std::int64_t batch = maps[0].batch;
  check_targets(targets, batch, options_.classes);
  take_levels(maps, targets);
  const auto levels = static_cast<std::int64_t>(levels_.size());
  std::vector<Sums> sums(static_cast<std::size_t>(batch * levels));
  pool.run(batch * levels, [&](std::int64_t i, int) {
    sums[static_cast<std::size_t>(i)] = level_sums(levels_[static_cast<std::size_t>(i % levels)], i / levels, targets);
  });
  Sums all;
  for (const Sums& part : sums) {
    all.box += part.box;
    all.obj += part.obj;
    all.cls += part.cls;
  }
  const double box = all.box * box_gain_, obj = all.obj * obj_gain_, cls = all.cls * cls_gain_;
  return {(box + obj + cls) * static_cast<double>(batch), {{"box_loss", box}, {"obj_loss", obj}, {"cls_loss", cls}}};
}

}  // namespace

std::unique_ptr<Loss> make_loss(const AnchorLossOptions& options) {
  return std::make_unique<AnchorLoss>(options);
}

}  // namespace saker::losses
