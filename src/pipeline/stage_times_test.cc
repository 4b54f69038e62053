#include "pipeline/stage_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/statistics.h"

namespace saker {
namespace {

void expect_like_all_times(std::vector<double> times) {
  TimeHistogram histogram;
  for (const double ms : times) histogram.add(ms);
  EXPECT_EQ(histogram.count(), times.size());
  EXPECT_DOUBLE_EQ(histogram.mean(), mean_of(times));
  std::ranges::sort(times);
  EXPECT_EQ(histogram.greatest(), times.back());
  for (const double percent : {0.0, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const double exact = percentile(times, percent / 100);
    EXPECT_NEAR(histogram.percentile(percent), exact, 0.01 * exact) << percent;
  }
}

TEST(TimeHistogram, PercentilesAreRightToOnePercent) {
  PortableRandom random(3);
  std::vector<double> even, wide, two;
  for (int i = 0; i < 20000; ++i) {
    even.push_back(random.between(5, 15));
    wide.push_back(std::exp(random.between(std::log(0.0011), std::log(0.99e6))));
    two.push_back(i % 20 == 0 ? random.between(200, 210) : random.between(8, 9));
  }
  expect_like_all_times(even);
  expect_like_all_times(wide);
  expect_like_all_times(two);
  expect_like_all_times({7});
  expect_like_all_times({1, 100});
}

TEST(TimeHistogram, NothingAndWhatIsBeyondItsEnds) {
  TimeHistogram histogram;
  EXPECT_EQ(histogram.percentile(50), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.greatest(), 0);
  for (const double ms : {0.0, -1.0, 1e-9, 1e9}) histogram.add(ms);
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_LE(histogram.percentile(0), 0.00102);
  EXPECT_EQ(histogram.percentile(100), 1e9);
}

TEST(TimeHistogram, EveryStageHasItsName) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kStages; ++i) names.insert(stage_name(static_cast<Stage>(i)));
  EXPECT_EQ(names.size(), kStages);
  EXPECT_STREQ(stage_name(Stage::kDecode), "decode");
  EXPECT_STREQ(stage_name(Stage::kAge), "age");
  StageFigures figures;
  figures[Stage::kInfer].add(3);
  EXPECT_EQ(figures[Stage::kInfer].count(), 1U);
  EXPECT_EQ(figures[Stage::kAge].count(), 0U);
}

TEST(TimeHistogram, TwoTogetherAreOneThatSawBoth) {
  TimeHistogram a, b, both;
  for (int i = 1; i <= 100; ++i) {
    (i % 3 == 0 ? a : b).add(i);
    both.add(i);
  }
  a.add(b);
  a.add(TimeHistogram());
  EXPECT_EQ(a.count(), 100U);
  EXPECT_DOUBLE_EQ(a.mean(), both.mean());
  EXPECT_DOUBLE_EQ(a.percentile(90), both.percentile(90));
  EXPECT_DOUBLE_EQ(a.greatest(), 100);
  TimeHistogram none;
  none.add(both);
  EXPECT_DOUBLE_EQ(none.percentile(50), both.percentile(50));
}

}  // namespace
}  // namespace saker
