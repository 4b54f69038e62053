// Mean and percentiles against numpy's.
#include "base/statistics.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(Mean, OfAllValues) {
  EXPECT_DOUBLE_EQ(mean_of(std::vector{1.0, 2.0, 6.0}), 3);
}

TEST(Percentile, AsNumpyHasThem) {
  // numpy.percentile([1, 2, 4, 8, 16], [0, 25, 50, 90, 99, 100])
  const std::vector<double> values = {1, 2, 4, 8, 16};
  EXPECT_DOUBLE_EQ(percentile(values, 0), 1);
  EXPECT_DOUBLE_EQ(percentile(values, 0.25), 2);
  EXPECT_DOUBLE_EQ(percentile(values, 0.5), 4);
  EXPECT_NEAR(percentile(values, 0.9), 12.8, 1e-12);
  EXPECT_NEAR(percentile(values, 0.99), 15.68, 1e-12);
  EXPECT_DOUBLE_EQ(percentile(values, 1), 16);
  EXPECT_DOUBLE_EQ(percentile(std::vector{7.0}, 0.99), 7);
  EXPECT_DOUBLE_EQ(percentile(std::vector{1.0, 2.0}, 0.5), 1.5);
  EXPECT_DOUBLE_EQ(median(std::vector{8.0, 1.0, 4.0, 2.0}), 3);
  EXPECT_EQ(median(std::vector{8.0F, 1.0F, 4.0F}), 4.0F);
}

}  // namespace
}  // namespace saker
