// Positions and weights of bilinear resizing, as OpenCV's cv::resize(INTER_LINEAR) has them
// (modules/imgproc/src/resize.cpp).
#pragma once

#include <cmath>
#include <cstdint>

namespace saker {

struct BilinearPosition {
  int index = 0;       // of a source pixel
  float fraction = 0;  // of the way to the next one, [0, 1)
};

// Source pixels for one target pixel.
inline double bilinear_scale(int source, int target) {
  return 1.0 / (static_cast<double>(target) / source);
}

// The centre of target pixel i in source coordinates.
inline BilinearPosition bilinear_position(int i, double scale) {
  const auto centre = static_cast<float>((i + 0.5) * scale - 0.5);
  const float floor = std::floor(centre);
  return {static_cast<int>(floor), centre - floor};
}

// 11 fractional bits, round half to even.
inline std::int16_t bilinear_weight(float fraction) {
  return static_cast<std::int16_t>(std::lrint(fraction * 2048.0F));
}

}  // namespace saker
