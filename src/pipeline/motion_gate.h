// Whether anything moves in front of a camera: the detector need not look at a still picture again.
#pragma once

#include <saker/planar.h>

#include <vector>

namespace saker {

struct MotionOptions {
  int height = 100;           // of the grey copy that is compared, pixels, about
  int threshold = 30;         // of 255: a pixel that differs by more has changed
  double least_area = 0.001;  // of the picture: less is noise
};

class MotionGate {
 public:
  explicit MotionGate(const MotionOptions& options) : options_(options) {}

  // Compares with a running mean of what was seen, and adds the picture to it. The first picture moves, and so does one
  // of another size, or one that has changed nearly everywhere (lights, a camera that was turned): those that follow
  // are compared with it. What comes and stays is still after some hundred pictures.
  bool moves(const PlanarView& picture);

 private:
  void shrink(const PlanarView& picture, int size);

  MotionOptions options_;
  int width_ = 0, height_ = 0;
  int moving_ = 0;  // pictures in a row
  std::vector<float> mean_, grey_;
  std::vector<unsigned> sums_;  // of a row
};

}  // namespace saker
