// How well a predicted box covers a true one. T: float, double, or Dual where the gradient over the predicted box is
// wanted.
#pragma once

#include <cmath>
#include <numbers>

#include "losses/dual.h"

namespace saker::losses {

template <typename T>
struct Box {
  T x1, y1, x2, y2;
  T w, h;
};

// Ultralytics' boxes: no height is zero.
template <typename T>
Box<T> box_of_corners(const T& x1, const T& y1, const T& x2, const T& y2) {
  return {x1, y1, x2, y2, x2 - x1, y2 - y1 + T(1e-7F)};
}

template <typename T>
Box<T> box_of_centre(const T& x, const T& y, const T& w, const T& h) {
  const T half_w = w * T(0.5F), half_h = h * T(0.5F);
  return {x - half_w, y - half_h, x + half_w, y + half_h, w, h};
}

template <typename T>
T intersection(const Box<T>& a, const Box<T>& b) {
  const T w = smaller(a.x2, b.x2) - larger(a.x1, b.x1);
  const T h = smaller(a.y2, b.y2) - larger(a.y1, b.y1);
  return larger(w, T(0)) * larger(h, T(0));
}

template <typename T>
T iou(const Box<T>& a, const Box<T>& b) {
  const T common = intersection(a, b);
  return common / (a.w * a.h + b.w * b.h - common + T(1e-16F));
}

// The angle that complete_iou compares; of a true box it is the same for every prediction.
template <typename T>
T aspect(const Box<T>& box) {
  using std::atan;
  return atan(box.w / box.h);
}

// Complete IoU (Zheng et al. 2020): less the distance of the centres and the difference of the aspect ratios, whose
// weight alpha counts as a constant.
template <typename T>
T complete_iou(const Box<T>& box, const Box<T>& truth, const T& truth_aspect) {
  constexpr auto kTiny = 1e-7F;
  constexpr auto kOfAngles = static_cast<float>(4 / (std::numbers::pi * std::numbers::pi));
  const T common = intersection(box, truth);
  const T covered = common / (box.w * box.h + truth.w * truth.h - common + T(kTiny));
  const T hull_w = larger(box.x2, truth.x2) - smaller(box.x1, truth.x1);
  const T hull_h = larger(box.y2, truth.y2) - smaller(box.y1, truth.y1);
  const T dx = truth.x1 + truth.x2 - box.x1 - box.x2, dy = truth.y1 + truth.y2 - box.y1 - box.y2;
  const T distance = (dx * dx + dy * dy) * T(0.25F) / (hull_w * hull_w + hull_h * hull_h + T(kTiny));
  const T angle = truth_aspect - aspect(box);
  const T unlike = angle * angle * T(kOfAngles);
  const auto alpha = value_of(unlike) / (value_of(unlike) - value_of(covered) + (1 + kTiny));
  return covered - (distance + unlike * T(alpha));
}

}  // namespace saker::losses
