// Against the filter as textbooks write it, with whole matrices.
#include "tracking/kalman_box.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/random.h"

namespace saker::tracking {
namespace {

using Row = std::vector<double>;
using Matrix = std::vector<Row>;

Matrix zeros(std::size_t rows, std::size_t columns) {
  return Matrix(rows, Row(columns, 0.0));
}

Matrix diagonal(const Row& values) {
  Matrix m = zeros(values.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) m[i][i] = values[i];
  return m;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c = zeros(a.size(), b[0].size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b[0].size(); ++j)
      for (std::size_t k = 0; k < b.size(); ++k) c[i][j] += a[i][k] * b[k][j];
  return c;
}

Matrix turned(const Matrix& a) {
  Matrix t = zeros(a[0].size(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}

Matrix sum(const Matrix& a, const Matrix& b, double factor = 1) {
  Matrix c = a;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) c[i][j] += factor * b[i][j];
  return c;
}

// Gauss and Jordan.
Matrix inverse(Matrix a) {
  const std::size_t n = a.size();
  Matrix b = diagonal(Row(n, 1.0));
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    const double p = a[k][k];
    for (std::size_t j = 0; j < n; ++j) {
      a[k][j] /= p;
      b[k][j] /= p;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double f = i == k ? 0 : a[i][k];
      for (std::size_t j = 0; j < n; ++j) {
        a[i][j] -= f * a[k][j];
        b[i][j] -= f * b[k][j];
      }
    }
  }
  return b;
}

// x, y, width / height, height and their velocities; the noise of Wojke and others, 2017.
class WholeFilter {
 public:
  explicit WholeFilter(const Box& first) : mean_(zeros(8, 1)) {
    const Row seen = measured(first);
    for (std::size_t i = 0; i < 4; ++i) mean_[i][0] = seen[i];
    const double h = seen[3];
    covariance_ = squares({h / 10, h / 10, 1e-2, h / 10, h / 16, h / 16, 1e-5, h / 16});
  }

  void predict() {
    const double h = mean_[3][0];
    Matrix move = diagonal(Row(8, 1.0));
    for (std::size_t i = 0; i < 4; ++i) move[i][i + 4] = 1;
    const Matrix noise = squares({h / 20, h / 20, 1e-2, h / 20, h / 160, h / 160, 1e-5, h / 160});
    mean_ = product(move, mean_);
    covariance_ = sum(product(product(move, covariance_), turned(move)), noise);
  }

  void update(const Box& box) {
    const double h = mean_[3][0];
    Matrix see = zeros(4, 8);
    for (std::size_t i = 0; i < 4; ++i) see[i][i] = 1;
    const Matrix expected =
        sum(product(product(see, covariance_), turned(see)), squares({h / 20, h / 20, 0.1, h / 20}));
    const Matrix gain = product(product(covariance_, turned(see)), inverse(expected));
    Matrix error = turned({measured(box)});
    error = sum(error, product(see, mean_), -1);
    mean_ = sum(mean_, product(gain, error));
    covariance_ = sum(covariance_, product(product(gain, expected), turned(gain)), -1);
  }

  void stop_growing() { mean_[7][0] = 0; }

  Box box() const {
    const double h = mean_[3][0], w = mean_[2][0] * h, x = mean_[0][0], y = mean_[1][0];
    return {x - w / 2, y - h / 2, x + w / 2, y + h / 2};
  }

 private:
  static Row measured(const Box& b) {
    return {(b.x1 + b.x2) / 2, (b.y1 + b.y2) / 2, (b.x2 - b.x1) / (b.y2 - b.y1), b.y2 - b.y1};
  }
  static Matrix squares(Row deviations) {
    for (double& d : deviations) d *= d;
    return diagonal(deviations);
  }

  Matrix mean_, covariance_;
};

void expect_same(const Box& got, const Box& expected) {
  const double tolerance = 1e-9 * (1 + std::abs(expected.x2) + std::abs(expected.y2));
  EXPECT_NEAR(got.x1, expected.x1, tolerance);
  EXPECT_NEAR(got.y1, expected.y1, tolerance);
  EXPECT_NEAR(got.x2, expected.x2, tolerance);
  EXPECT_NEAR(got.y2, expected.y2, tolerance);
}

TEST(KalmanBox, IsTheFilterOfWholeMatrices) {
  PortableRandom random(3);
  for (int round = 0; round < 50; ++round) {
    double x = random.between(0, 1000), y = random.between(0, 1000), w = random.between(5, 300),
           h = random.between(5, 300);
    const double vx = random.between(-9, 9), vy = random.between(-9, 9);
    const auto seen = [&] {
      const double dx = random.between(-2, 2), dy = random.between(-2, 2);
      return Box{x + dx, y + dy, x + dx + w + random.between(-1, 1), y + dy + h + random.between(-1, 1)};
    };
    const Box first = seen();
    KalmanBox filter(first);
    WholeFilter whole(first);
    expect_same(filter.box(), whole.box());
    for (int frame = 0; frame < 60; ++frame) {
      x += vx;
      y += vy;
      const bool lost = random.below(4) == 0;
      if (lost) {
        filter.stop_growing();
        whole.stop_growing();
      }
      filter.predict();
      whole.predict();
      expect_same(filter.box(), whole.box());
      if (lost) continue;
      const Box now = seen();
      filter.update(now);
      whole.update(now);
      expect_same(filter.box(), whole.box());
    }
  }
}

TEST(KalmanBox, LearnsAConstantVelocity) {
  KalmanBox filter({0, 0, 40, 80});
  for (int i = 1; i <= 40; ++i) {
    filter.predict();
    filter.update({3.0 * i, -2.0 * i, 40 + 3.0 * i, 80 - 2.0 * i});
  }
  for (int i = 0; i < 10; ++i) filter.predict();  // nobody sees it
  EXPECT_NEAR(filter.box().x1, 150, 1.5);
  EXPECT_NEAR(filter.box().y1, -100, 1.5);
}

TEST(Iou, OfBoxesThatMeetTouchAndAreNone) {
  EXPECT_DOUBLE_EQ(iou({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_DOUBLE_EQ(iou({0, 0, 10, 10}, {5, 0, 15, 10}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(iou({0, 0, 10, 10}, {10, 0, 20, 10}), 0);
  EXPECT_DOUBLE_EQ(iou({0, 0, 10, 10}, {30, 30, 40, 40}), 0);
  EXPECT_DOUBLE_EQ(iou({5, 5, 5, 5}, {0, 0, 10, 10}), 0);    // empty
  EXPECT_DOUBLE_EQ(iou({10, 10, 0, 0}, {0, 0, 10, 10}), 0);  // inside out
}

}  // namespace
}  // namespace saker::tracking
