// How a convolution's inputs vary together, and weights rounded so that their errors cancel under that.
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <vector>

#include "quantize/patch.h"

namespace saker {

// Inputs of a filter: more take too long to invert (a third of the cube of it, operations).
constexpr std::int64_t kMostFilterInputs = 640;

// Sums over sampled positions of x and x x^T, where x is what a filter [C, h, w] sees.
class InputMoments {
 public:
  InputMoments(const ConvAttrs& conv, const Shape& weights);  // group 1, [M, C, h, w]

  // Some positions of a picture [1, C, H, W] of any strides; others for other seeds.
  void add(const TensorView& picture, std::uint32_t seed);

  std::int64_t size() const { return patches_.size(); }
  // The covariance, a small multiple of its mean diagonal added; row-major. Empty without samples.
  std::vector<double> covariance() const;
  std::vector<double> means() const;

 private:
  PatchReader patches_;
  std::vector<float> sums_, products_;  // products: of pairs i <= j
  std::int64_t count_ = 0;
};

// Rounds filters to multiples of step_k, one number after the other, and lets those that follow make up for each error,
// so that sum_k (w_k - q_k step_k) x_k varies least (Frantar et al., "GPTQ", 2022, after Hassibi and Stork, "Optimal
// Brain Surgeon", 1993). Weights that are zero stay zero and pass on what falls to them (Frantar and Alistarh,
// "SparseGPT", 2023): a pruned model stays as sparse as it was. Made once for all filters that see the same inputs.
class CompensatedRounding {
 public:
  explicit CompensatedRounding(std::vector<double> covariance);
  // Filters of inputs [C, taps]. q[k] in -limit..limit, of neighbouring inputs (2i and 2i + 1) in sum at most
  // kWidestInt8Pair. weights and steps: size() each.
  void round(const float* weights, const double* steps, std::int64_t taps, int limit, std::int8_t* q) const;

 private:
  std::size_t size_;
  std::vector<double> factor_;  // upper triangular, of the inverse of the covariance
};

}  // namespace saker
