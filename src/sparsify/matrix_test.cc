// Products and inverses against loops that a newcomer can check, sizes on both sides of every block.
#include "sparsify/matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace saker::sparsify {
namespace {

std::vector<double> random_matrix(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> numbers(0, 1);
  std::vector<double> result(size);
  for (double& number : result) number = numbers(random);
  return result;
}

// x x^T / n + 0.1: symmetric and positive definite.
std::vector<double> definite(std::size_t n) {
  const std::vector<double> x = random_matrix(n * n, 5);
  std::vector<double> h(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k) h[i * n + j] += x[i * n + k] * x[j * n + k] / static_cast<double>(n);
    }
    h[i * n + i] += 0.1;
  }
  return h;
}

TEST(Matrix, ProductsAreTakenAway) {
  struct Sizes {
    std::size_t m, n, k;
  };
  for (const auto& [m, n, k] : {Sizes{1, 1, 1}, Sizes{4, 4, 4}, Sizes{5, 7, 3}, Sizes{9, 259, 130}, Sizes{3, 2, 0}}) {
    const std::size_t stride = n + 3;
    const std::vector<double> a = random_matrix(m * (k + 2) + 1, 1), b = random_matrix(k * stride + 1, 2);
    const std::vector<double> before = random_matrix(m * stride, 3);
    std::vector<double> c = before;
    subtract_product(m, n, k, {a.data(), k + 2}, {b.data(), stride}, {c.data(), stride});
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < stride; ++j) {
        double sum = before[i * stride + j];
        for (std::size_t p = 0; p < k && j < n; ++p) sum -= a[i * (k + 2) + p] * b[p * stride + j];
        EXPECT_NEAR(c[i * stride + j], sum, 1e-12 * static_cast<double>(k + 1) * 10) << m << ' ' << n << ' ' << k;
      }
    }
  }
}

TEST(Matrix, TheFactorsSquareIsTheInverse) {
  ThreadPool pool(2);
  for (const std::size_t n : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{197}}) {
    const std::vector<double> h = definite(n), v = inverse_factor(h, n, pool);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) ASSERT_EQ(v[i * n + j], 0);
    }
    // v^T v h = 1
    std::vector<double> vh(n * n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k <= i; ++k) {
        for (std::size_t j = 0; j < n; ++j) vh[i * n + j] += v[i * n + k] * h[k * n + j];
      }
    }
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = i == j ? -1 : 0;
        for (std::size_t k = i; k < n; ++k) sum += v[k * n + i] * vh[k * n + j];
        worst = std::max(worst, std::fabs(sum));
      }
    }
    EXPECT_LT(worst, 1e-10) << n;
  }
}

// What is said of the leading part of the inverse's factor.
TEST(Matrix, ItsLeadingPartIsThatOfTheLeadingPart) {
  constexpr std::size_t kWhole = 100, kPart = 70;
  ThreadPool pool(1);
  const std::vector<double> h = definite(kWhole), v = inverse_factor(h, kWhole, pool);
  std::vector<double> part;
  for (std::size_t i = 0; i < kPart; ++i)
    part.insert(part.end(), h.begin() + static_cast<std::ptrdiff_t>(i * kWhole),
                h.begin() + static_cast<std::ptrdiff_t>(i * kWhole + kPart));
  const std::vector<double> own = inverse_factor(part, kPart, pool);
  for (std::size_t i = 0; i < kPart; ++i) {
    for (std::size_t j = 0; j <= i; ++j) ASSERT_NEAR(own[i * kPart + j], v[i * kWhole + j], 1e-10);
  }
}

}  // namespace
}  // namespace saker::sparsify
