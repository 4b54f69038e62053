#include "train/norm_silu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/activation_math.h"
#include "base/random.h"

namespace saker::train {
namespace {

void in_order(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

// From the last to the first: nothing may hang on the order.
void backwards(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  for (std::int64_t i = count; i-- > 0;) body(i);
}

struct Case {
  std::int64_t rows, channels;
};

class NormSilu : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    PortableRandom random(7);
    const auto fill = [&](std::vector<float>& numbers, std::size_t count, double low, double high) {
      for (std::size_t i = 0; i < count; ++i) numbers.push_back(static_cast<float>(random.between(low, high)));
    };
    const auto channels = static_cast<std::size_t>(GetParam().channels);
    const std::size_t count = static_cast<std::size_t>(GetParam().rows) * channels;
    fill(x_, count, -3, 5);
    fill(dy_, count, -1, 1);
    fill(gamma_, channels, -2, 2);
    fill(beta_, channels, -1, 1);
    for (std::size_t i = 0; i < count; ++i) x_[i] += 100;  // far from zero: squares of sums would lose all
  }

  // In double precision, of one channel: y, then with slopes dx, and of gamma and beta.
  struct Reference {
    std::vector<double> y, dx;
    double gamma = 0, beta = 0, mean = 0, variance = 0;
  };
  Reference reference(std::size_t c) const {
    const auto rows = static_cast<std::size_t>(GetParam().rows), channels = gamma_.size();
    Reference r;
    const auto at = [&](std::size_t row) { return double{x_[row * channels + c]}; };
    for (std::size_t i = 0; i < rows; ++i) r.mean += at(i) / static_cast<double>(rows);
    for (std::size_t i = 0; i < rows; ++i)
      r.variance += (at(i) - r.mean) * (at(i) - r.mean) / static_cast<double>(rows);
    const double inverse = 1 / std::sqrt(r.variance + kEps);
    std::vector<double> dz, hat;
    for (std::size_t i = 0; i < rows; ++i) {
      hat.push_back((at(i) - r.mean) * inverse);
      const double z = double{gamma_[c]} * hat[i] + double{beta_[c]}, s = sigmoid(z);
      r.y.push_back(z * s);
      dz.push_back(double{dy_[i * channels + c]} * (s + z * s * (1 - s)));
      r.beta += dz[i];
      r.gamma += dz[i] * hat[i];
    }
    const auto n = static_cast<double>(rows);
    for (std::size_t i = 0; i < rows; ++i)
      r.dx.push_back(double{gamma_[c]} * inverse * (dz[i] - r.beta / n - hat[i] * r.gamma / n));
    return r;
  }

  static constexpr float kEps = 1e-3F;
  std::vector<float> x_, dy_, gamma_, beta_;
};

TEST_P(NormSilu, EqualsTheFormulas) {
  std::vector<float> y(x_.size()), dx(x_.size());
  NormStatistics statistics;
  const std::int64_t rows = GetParam().rows;
  norm_silu_forward(x_.data(), y.data(), rows, gamma_, beta_, kEps, statistics, in_order);
  const NormGradients gradients =
      norm_silu_backward(x_.data(), dy_.data(), dx.data(), rows, gamma_, beta_, kEps, statistics, in_order);
  for (std::size_t c = 0; c < gamma_.size(); ++c) {
    const Reference r = reference(c);
    EXPECT_NEAR(statistics.mean[c], r.mean, 1e-5 * 100);
    EXPECT_NEAR(statistics.variance[c], r.variance, 1e-4 * r.variance + 1e-9);
    const double sum = std::sqrt(static_cast<double>(rows));
    EXPECT_NEAR(gradients.gamma[c], r.gamma, 1e-4 * sum);
    EXPECT_NEAR(gradients.beta[c], r.beta, 1e-4 * sum);
    // x is known to 2^-17 here, and its differences from the mean no better.
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
      ASSERT_NEAR(y[i * gamma_.size() + c], r.y[i], 1e-4) << c << " " << i;
      ASSERT_NEAR(dx[i * gamma_.size() + c], r.dx[i], 1e-4 * (1 + std::abs(r.dx[i]))) << c << " " << i;
    }
  }
}

TEST_P(NormSilu, IsTheSameInWhateverOrder) {
  std::vector<float> y(x_.size()), other(x_.size());
  NormStatistics statistics, again;
  norm_silu_forward(x_.data(), y.data(), GetParam().rows, gamma_, beta_, kEps, statistics, in_order);
  norm_silu_forward(x_.data(), other.data(), GetParam().rows, gamma_, beta_, kEps, again, backwards);
  EXPECT_EQ(y, other);
  norm_silu_backward(x_.data(), dy_.data(), y.data(), GetParam().rows, gamma_, beta_, kEps, statistics, in_order);
  norm_silu_backward(x_.data(), dy_.data(), other.data(), GetParam().rows, gamma_, beta_, kEps, statistics, backwards);
  EXPECT_EQ(y, other);
}

INSTANTIATE_TEST_SUITE_P(Sizes, NormSilu,
                         testing::Values(Case{2, 1}, Case{50, 3}, Case{1000, 16}, Case{3000, 24}, Case{700, 80},
                                         Case{257, 256}, Case{5, 20000}),
                         [](const auto& tested) {
                           return std::to_string(tested.param.rows) + "x" + std::to_string(tested.param.channels);
                         });

}  // namespace
}  // namespace saker::train
