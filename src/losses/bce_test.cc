#include "losses/bce.h"

#include <gtest/gtest.h>

namespace saker::losses {
namespace {

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
  EXPECT_NEAR(BinaryLoss{}(0.3, 0.4).value, softplus_reference(0.3) - 0.4 * 0.3, 1e-15);
}

}  // namespace
}  // namespace saker::losses
