#include "tracking/kalman_box.h"

#include <algorithm>
#include <cstddef>

namespace saker::tracking {
namespace {

// Standard deviations in heights of the box: of a position from one frame to the next, and of a velocity.
constexpr double kPosition = 1.0 / 20, kVelocity = 1.0 / 160;
// Of the aspect, which has no height.
constexpr double kAspectPosition = 1e-2, kAspectVelocity = 1e-5, kAspectSeen = 1e-1;

double square(double x) {
  return x * x;
}

std::array<double, 4> measured(const Box& box) {
  const double width = box.x2 - box.x1, height = box.y2 - box.y1;
  return {box.x1 + width / 2, box.y1 + height / 2, height > 0 ? width / height : 0, height};
}

}  // namespace

double iou(const Box& a, const Box& b) {
  const double w = std::min(a.x2, b.x2) - std::max(a.x1, b.x1), h = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (w <= 0 || h <= 0) return 0;
  const double both = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - w * h;
  return both > 0 ? w * h / both : 0;
}

KalmanBox::KalmanBox(const Box& first) {
  const std::array<double, 4> seen = measured(first);
  for (std::size_t i = 0; i < 4; ++i) {
    const bool aspect = i == kAspect;
    mean_[i] = {seen[i], 0};
    covariance_[i].position = square(aspect ? kAspectPosition : 2 * kPosition * seen[kHeight]);
    covariance_[i].velocity = square(aspect ? kAspectVelocity : 10 * kVelocity * seen[kHeight]);
  }
}

void KalmanBox::predict() {
  const double height = mean_[kHeight][0];
  for (std::size_t i = 0; i < 4; ++i) {
    const bool aspect = i == kAspect;
    Covariance& c = covariance_[i];
    mean_[i][0] += mean_[i][1];
    c.position += 2 * c.mixed + c.velocity + square(aspect ? kAspectPosition : kPosition * height);
    c.mixed += c.velocity;
    c.velocity += square(aspect ? kAspectVelocity : kVelocity * height);
  }
}

void KalmanBox::update(const Box& box) {
  const std::array<double, 4> seen = measured(box);
  const double height = mean_[kHeight][0];
  for (std::size_t i = 0; i < 4; ++i) {
    Covariance& c = covariance_[i];
    const double noise = square(i == kAspect ? kAspectSeen : kPosition * height), total = c.position + noise;
    if (total <= 0) continue;  // a box without height
    const double gain = c.position / total, velocity_gain = c.mixed / total, error = seen[i] - mean_[i][0];
    mean_[i][0] += gain * error;
    mean_[i][1] += velocity_gain * error;
    c.velocity -= velocity_gain * c.mixed;
    c.mixed -= gain * c.mixed;
    c.position -= gain * c.position;
  }
}

Box KalmanBox::box() const {
  const double height = mean_[kHeight][0], width = mean_[kAspect][0] * height;
  const double left = mean_[kCenterX][0] - width / 2, top = mean_[kCenterY][0] - height / 2;
  return {left, top, left + width, top + height};
}

}  // namespace saker::tracking
