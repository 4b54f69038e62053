// Error-compensating rounding: nearer in what a filter computes than rounding each weight, and zeros stay zeros.
#include "quantize/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/int8_pairs.h"

namespace saker {
namespace {

constexpr std::size_t kInputs = 24, kTaps = 3;

// Inputs that vary together.
std::vector<double> covariance() {
  std::vector<double> matrix(kInputs * kInputs);
  for (std::size_t i = 0; i < kInputs; ++i) {
    for (std::size_t j = 0; j < kInputs; ++j)
      matrix[i * kInputs + j] = std::pow(0.9, std::abs(static_cast<double>(i) - static_cast<double>(j)));
  }
  return matrix;
}

std::vector<float> filter(std::mt19937& random, double zeros) {
  std::normal_distribution<float> numbers(0, 1);
  std::bernoulli_distribution pruned(zeros);
  std::vector<float> weights(kInputs);
  for (float& weight : weights) weight = pruned(random) ? 0 : numbers(random);
  return weights;
}

// The variance of what the filter computes wrongly.
double variance(const std::vector<float>& weights, double step, const std::vector<std::int8_t>& q) {
  const std::vector<double> matrix = covariance();
  double sum = 0;
  for (std::size_t i = 0; i < kInputs; ++i) {
    for (std::size_t j = 0; j < kInputs; ++j) {
      const double a = static_cast<double>(weights[i]) - q[i] * step, b = static_cast<double>(weights[j]) - q[j] * step;
      sum += a * matrix[i * kInputs + j] * b;
    }
  }
  return sum;
}

// Of 100 filters: the variance with compensation, and that of rounding each weight to the nearest.
std::pair<double, double> variances(double zeros, int limit = 127, double step = 0.1) {
  const CompensatedRounding rounding(covariance());
  std::mt19937 random(1);
  double compensated = 0, nearest = 0;
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> weights = filter(random, zeros);
    const std::vector<double> steps(kInputs, step);
    std::vector<std::int8_t> q(kInputs);
    rounding.round(weights.data(), steps.data(), kTaps, limit, q.data());
    for (const std::int8_t number : q) EXPECT_LE(std::abs(number), limit);
    for (std::size_t k = 0; k < kInputs; k += k % kTaps + 1 < kTaps ? 1 : kTaps + 1)
      EXPECT_LE(std::abs(q[k] + q[k + kTaps]), kWidestInt8Pair) << "weights " << k << " and " << k + kTaps;
    for (std::size_t k = 0; k < kInputs; ++k) EXPECT_TRUE(weights[k] != 0 || q[k] == 0) << "weight " << k;
    compensated += variance(weights, step, q);
    std::ranges::transform(weights, q.begin(), [&](float weight) {
      return static_cast<std::int8_t>(std::nearbyint(static_cast<double>(weight) / step));
    });
    nearest += variance(weights, step, q);
  }
  return {compensated, nearest};
}

TEST(CompensatedRounding, ErrorsOfNeighboursCancel) {
  const auto [compensated, nearest] = variances(0);
  EXPECT_LT(compensated, 0.5 * nearest);
}

// A step of 0.1 asks for numbers up to some 40.
TEST(CompensatedRounding, StaysWithinItsLimit) {
  variances(0, 8);
}

// 0.02: for numbers up to 200, and neighbours that sum to twice that.
TEST(CompensatedRounding, PairsOfNeighboursFit16Bits) {
  variances(0, 127, 0.02);
}

TEST(CompensatedRounding, ZerosStayZero) {
  const auto [compensated, nearest] = variances(0.5);
  EXPECT_LT(compensated, nearest);
}

}  // namespace
}  // namespace saker
