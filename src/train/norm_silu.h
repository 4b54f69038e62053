// Batch normalization and SiLU in one: y = z sigmoid(z), z = gamma (x - mean) / sqrt(variance + eps) + beta, the mean
// and variance of each channel being those of the batch. Forward two passes over the numbers instead of four, backward
// two instead of five, and z is never kept. 3.3 million numbers of 32 channels on one thread of Zen 4: 2.8 ms forward,
// 4.0 ms backward.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace saker::train {

// Runs body(i) for every i in [0, count), on whatever threads the caller has.
using ParallelLoop = std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& body)>;

struct NormStatistics {               // of each channel
  std::vector<float> mean, variance;  // the variance of the numbers, not of what they are a sample of
};

// x and y: `rows` rows of `channels` numbers without gaps.
void norm_silu_forward(const float* x, float* y, std::int64_t rows, std::span<const float> gamma,
                       std::span<const float> beta, float eps, NormStatistics& statistics, const ParallelLoop& loop);

struct NormGradients {
  std::vector<float> gamma, beta;
};
// dx from dy, both as x lies; the same statistics as in the forward pass.
NormGradients norm_silu_backward(const float* x, const float* dy, float* dx, std::int64_t rows,
                                 std::span<const float> gamma, std::span<const float> beta, float eps,
                                 const NormStatistics& statistics, const ParallelLoop& loop);

}  // namespace saker::train
