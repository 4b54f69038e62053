#include "losses/dual.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "losses/iou.h"

namespace saker::losses {
namespace {

using Number = Dual<2>;

TEST(Dual, DerivativesAreThoseOfCalculus) {
  const double a = 1.25, b = -0.75;
  const Number x = Number::variable(a, 0), y = Number::variable(b, 1);
  const auto expect = [](const Number& got, double value, double over_x, double over_y) {
    EXPECT_NEAR(got.value, value, 1e-15);
    EXPECT_NEAR(got.slopes[0], over_x, 1e-15);
    EXPECT_NEAR(got.slopes[1], over_y, 1e-15);
  };
  expect(x + y, 0.5, 1, 1);
  expect(3 - x - y, 2.5, -1, -1);
  expect(x * x * y, a * a * b, 2 * a * b, a * a);
  expect(x / y, a / b, 1 / b, -a / (b * b));
  expect(exp(x * y), std::exp(a * b), b * std::exp(a * b), a * std::exp(a * b));
  expect(atan(y), std::atan(b), 0, 1 / (1 + b * b));
  const double p = 1 / (1 + std::exp(-a));
  expect(sigmoid(x), p, p * (1 - p), 0);
  expect(larger(x, y), a, 1, 0);
  expect(smaller(x, y), b, 0, 1);
}

TEST(Dual, NaNIsNeverLost) {
  const double none = std::nan("");
  EXPECT_TRUE(std::isnan(larger(none, 0.0)) && std::isnan(larger(0.0, none)));
  EXPECT_TRUE(std::isnan(smaller(none, 0.0)) && std::isnan(smaller(0.0, none)));
}

struct Corners {
  double x1, y1, x2, y2;
};

// The formula in plain words; alpha is handed in where it is to be kept.
double plain_complete_iou(const Corners& a, const Corners& b, double* alpha) {
  const double w = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1), 0.0);
  const double h = std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1), 0.0);
  const double wa = a.x2 - a.x1, ha = a.y2 - a.y1 + 1e-7, wb = b.x2 - b.x1, hb = b.y2 - b.y1 + 1e-7;
  const double overlap = w * h / (wa * ha + wb * hb - w * h + 1e-7);
  const double hull = std::pow(std::max(a.x2, b.x2) - std::min(a.x1, b.x1), 2) +
                      std::pow(std::max(a.y2, b.y2) - std::min(a.y1, b.y1), 2) + 1e-7;
  const double apart = std::pow((a.x1 + a.x2 - b.x1 - b.x2) / 2, 2) + std::pow((a.y1 + a.y2 - b.y1 - b.y2) / 2, 2);
  const double v = 4 / std::pow(std::numbers::pi, 2) * std::pow(std::atan(wb / hb) - std::atan(wa / ha), 2);
  if (*alpha < 0) *alpha = v / (1 - overlap + v + 1e-7);
  return overlap - (apart / hull + v * *alpha);
}

// Boxes that overlap, contain one another, and lie apart.
TEST(CompleteIou, GradientsAreThoseOfCentralDifferences) {
  const Corners truth{2, 3, 9, 11};
  for (const Corners& box : {Corners{1, 2, 6, 8}, {3, 4, 5, 10}, {0, 1, 20, 12.5}, {12, 1, 14, 30}}) {
    using Four = Dual<4>;
    const double numbers[4] = {box.x1, box.y1, box.x2, box.y2};
    Four x[4];
    for (std::size_t i = 0; i < 4; ++i) x[i] = Four::variable(numbers[i], i);
    const auto other = box_of_corners<Four>(truth.x1, truth.y1, truth.x2, truth.y2);
    const Four got = complete_iou(box_of_corners(x[0], x[1], x[2], x[3]), other, aspect(other));
    double alpha = -1;
    EXPECT_NEAR(got.value, plain_complete_iou(box, truth, &alpha), 1e-7);
    for (std::size_t i = 0; i < 4; ++i) {
      constexpr double kStep = 1e-5;
      double sides[2];
      for (int side = 0; side < 2; ++side) {
        double moved[4] = {box.x1, box.y1, box.x2, box.y2};
        moved[i] += side == 0 ? -kStep : kStep;
        sides[side] = plain_complete_iou({moved[0], moved[1], moved[2], moved[3]}, truth, &alpha);
      }
      EXPECT_NEAR(got.slopes[i], (sides[1] - sides[0]) / (2 * kStep), 1e-7) << i;
    }
  }
}

}  // namespace
}  // namespace saker::losses
