// The kernels on logits of every ISA level against the formulas.
#include "kernels/logits/logits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// Errors: of the polynomials, and of some five roundings on the way.
TEST(Logits, SoftplusAndSigmoidAreExactToFloat) {
  for (const Isa isa : isas()) {
    const LogitsKernel& kernel = logits_kernel(isa);
    for (double x = -100; x <= 100; x += 0.0371) {
      const auto value = static_cast<float>(x);
      const double exact = static_cast<double>(value);
      float gradient = 0;
      const double got = kernel.softplus_sum(1, &value, &gradient, 2);
      EXPECT_NEAR(got, softplus_reference(exact), 3e-7 * softplus_reference(exact) + 1e-37) << x << kernel.name.text();
      const double p = 1 / (1 + std::exp(-exact));
      EXPECT_NEAR(static_cast<double>(gradient), 2 * p, 6e-7 * p + 1e-37) << x << kernel.name.text();
    }
  }
}

TEST(Logits, SumsOfEveryLength) {
  Random random(7);
  for (const Isa isa : isas()) {
    const LogitsKernel& kernel = logits_kernel(isa);
    for (const std::int64_t n : {0, 1, 15, 16, 17, 80, 1023, 1024, 1025, 5000}) {
      const GuardedFloats x(random.numbers(n, -5, 5));
      GuardedFloats gradients(n);
      double expected = 0;
      for (std::int64_t i = 0; i < n; ++i) expected += softplus_reference(static_cast<double>(x.data()[i]));
      const double got = kernel.softplus_sum(n, x.data(), gradients.data(), 0.5F);
      EXPECT_NEAR(got, expected, 1e-6 * expected) << n << kernel.name.text();
      EXPECT_EQ(kernel.softplus_sum(n, x.data(), nullptr, 1), got) << n << kernel.name.text();
      EXPECT_EQ(kLogitsBaseline.softplus_sum(n, x.data(), nullptr, 1), got) << n << kernel.name.text();
      for (std::int64_t i = 0; i < n; ++i) {
        const double p = 1 / (1 + std::exp(-static_cast<double>(x.data()[i])));
        ASSERT_NEAR(static_cast<double>(gradients.data()[i]), 0.5 * p, 6e-7 * p) << i << " of " << n;
      }
    }
  }
}

TEST(Logits, ExpectedBinsOfEveryNumberOfBins) {
  Random random(8);
  for (const Isa isa : isas()) {
    const LogitsKernel& kernel = logits_kernel(isa);
    for (std::int64_t bins = 1; bins <= 40; ++bins) {
      const GuardedFloats x(random.numbers(bins, -9, 9));
      double sum = 0, weighted = 0;
      for (std::int64_t b = 0; b < bins; ++b) {
        sum += std::exp(static_cast<double>(x.data()[b]));
        weighted += static_cast<double>(b) * std::exp(static_cast<double>(x.data()[b]));
      }
      EXPECT_NEAR(static_cast<double>(kernel.expected_bin(bins, x.data())), weighted / sum, 2e-6 * weighted / sum)
          << bins << kernel.name.text();
    }
  }
}

TEST(Logits, WhatIsNotFiniteMakesTheResultsSo) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Isa isa : isas()) {
    const LogitsKernel& kernel = logits_kernel(isa);
    for (const float bad : {std::nanf(""), infinity, -infinity}) {
      for (const std::size_t at : {std::size_t{3}, std::size_t{36}}) {
        std::vector<float> x(37, 0.5F), gradients(37);
        x[at] = bad;
        EXPECT_FALSE(std::isfinite(kernel.softplus_sum(37, x.data(), nullptr, 1))) << bad << kernel.name.text();
        EXPECT_FALSE(std::isfinite(kernel.softplus_sum(37, x.data(), gradients.data(), 1)))
            << bad << kernel.name.text();
        if (bad != -infinity) {  // which is a bin that never comes
          EXPECT_FALSE(std::isfinite(kernel.expected_bin(37, x.data()))) << bad << kernel.name.text();
        }
      }
    }
    const std::vector<float> none(16, -infinity);
    EXPECT_FALSE(std::isfinite(kernel.expected_bin(16, none.data()))) << kernel.name.text();
  }
}

}  // namespace
}  // namespace saker
