#include "losses/bce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "losses/recorded_cases.h"

namespace saker::losses {
namespace {

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

TEST(Bce, SoftplusAndSigmoidAreExactToFloat) {
  for (double x = -100; x <= 100; x += 0.0371) {
    const auto value = static_cast<float>(x);
    float gradient = 0;
    const double got = softplus_sum(&value, 1, &gradient, 2);
    const double exact = static_cast<double>(value);
    EXPECT_NEAR(got, softplus(exact), 3e-7 * softplus(exact) + 1e-37) << x;
    const double p = 1 / (1 + std::exp(-exact));
    EXPECT_NEAR(static_cast<double>(gradient), 2 * p, 6e-7 * p + 1e-37) << x;
  }
}

TEST(Bce, SumsOfAnyLengthAreTheSumOfTheirParts) {
  for (const std::int64_t n : {0, 1, 15, 16, 17, 80, 1023, 1024, 1025, 5000}) {
    std::vector<float> x, gradients(static_cast<std::size_t>(n) + 1, -1);
    double expected = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      x.push_back(static_cast<float>(recorded_noise(7, 0, static_cast<std::uint64_t>(i))));
      expected += softplus(static_cast<double>(x.back()));
    }
    EXPECT_NEAR(softplus_sum(x.data(), n, gradients.data(), 1), expected, 1e-6 * expected) << n;
    EXPECT_EQ(softplus_sum(x.data(), n, nullptr, 1), softplus_sum(x.data(), n, gradients.data(), 1)) << n;
    for (std::int64_t i = 0; i < n; ++i) EXPECT_GT(gradients[static_cast<std::size_t>(i)], 0) << i;
    EXPECT_EQ(gradients.back(), -1) << n;
  }
}

TEST(Bce, WhatIsNotFiniteMakesTheSumSo) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), infinity, -infinity}) {
    for (const std::size_t at : {std::size_t{3}, std::size_t{36}}) {
      std::vector<float> x(37, 0.5F);
      x[at] = bad;
      EXPECT_FALSE(std::isfinite(softplus_sum(x.data(), 37, nullptr, 1))) << bad;
    }
  }
}

TEST(Bce, OneElementsSlopesAreThoseOfCentralDifferences) {
  for (const BinaryLoss& loss : {BinaryLoss{}, BinaryLoss{0.7, 0}, BinaryLoss{1, 1.5}, BinaryLoss{2, 2}}) {
    for (const double x : {-6.0, -0.5, 0.0, 1.5, 8.0}) {
      for (const double target : {0.0, 0.05, 0.6, 1.0}) {
        constexpr double kStep = 1e-5;
        const double slope = (loss(x + kStep, target).value - loss(x - kStep, target).value) / (2 * kStep);
        EXPECT_NEAR(loss(x, target).slope, slope, 1e-8) << loss.gamma << " " << x << " " << target;
      }
    }
  }
  EXPECT_NEAR(BinaryLoss{}(0.3, 0.4).value, softplus(0.3) - 0.4 * 0.3, 1e-15);
}

}  // namespace
}  // namespace saker::losses
