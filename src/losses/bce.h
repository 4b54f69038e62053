// Binary cross-entropy of logits, bce(x, t) = softplus(x) - t x, with its derivative sigmoid(x) - t. Both are linear in
// the target t; so the many numbers of a head whose target is zero are summed without a look at targets, and the few
// others are put right afterwards.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/logits/logits.h"
#include "losses/loss.h"

namespace saker::losses {

inline float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

// For this CPU, or for the level that SAKER_ISA names if there is such.
const LogitsKernel& chosen_kernel();

// The sum of softplus over all numbers of a picture; its gradients, if wanted, become `scale` times their sigmoids.
double softplus_sum(const LogitsKernel& kernel, const MapView& map, std::int64_t picture, float scale);

// One element, with the variations that YOLOv5 has.
struct BinaryLoss {
  double positive_weight = 1;  // of what has a target
  double gamma = 0;            // > 0: focal loss (Lin et al. 2017), with alpha 0.25

  struct Value {
    double value = 0, slope = 0;  // the slope over x
  };
  Value operator()(double x, double target) const;
};

}  // namespace saker::losses
