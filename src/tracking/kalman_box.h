// Where a box is and where it goes: a Kalman filter over centre, aspect and height, with constant velocities (SORT's
// and ByteTrack's; Wojke and others, "Simple Online and Realtime Tracking with a Deep Association Metric", 2017).
#pragma once

#include <array>

namespace saker::tracking {

// Corners, in pixels.
struct Box {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};
double iou(const Box& a, const Box& b);

class KalmanBox {
 public:
  explicit KalmanBox(const Box& first);

  void predict();  // one frame on
  void update(const Box& seen);
  void stop_growing() { mean_[kHeight][1] = 0; }  // while nobody sees it
  Box box() const;

 private:
  // The four values do not depend on each other: each has a filter of position and velocity of its own.
  static constexpr std::size_t kCenterX = 0, kCenterY = 1, kAspect = 2, kHeight = 3;
  struct Covariance {
    double position = 0, mixed = 0, velocity = 0;
  };

  std::array<std::array<double, 2>, 4> mean_{};
  std::array<Covariance, 4> covariance_{};
};

}  // namespace saker::tracking
