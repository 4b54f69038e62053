// The interval of a ratio against what it promises.
#include "measure/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace saker {
namespace {

TEST(Statistics, SummaryOfUnsortedValues) {
  const LatencySummary summary = summarize({5, 1, 3, 2, 4});
  EXPECT_DOUBLE_EQ(summary.mean, 3);
  EXPECT_DOUBLE_EQ(summary.p50, 3);
  EXPECT_DOUBLE_EQ(summary.p90, 4.6);
  EXPECT_DOUBLE_EQ(summary.min, 1);
  EXPECT_DOUBLE_EQ(summary.max, 5);
}

TEST(Statistics, RatioAboveOneIsFaster) {
  const SpeedRatio twice = paired_ratio({20, 22, 18, 20}, {10, 11, 9, 10});
  EXPECT_NEAR(twice.ratio, 2, 1e-12);
  EXPECT_EQ(twice.verdict, SpeedVerdict::kFaster);
  EXPECT_EQ(paired_ratio({10, 11, 9, 10}, {20, 22, 18, 20}).verdict, SpeedVerdict::kSlower);
  // The same in all rounds: an interval without width, and nothing to call.
  const SpeedRatio same = paired_ratio({10, 11, 9}, {10, 11, 9});
  EXPECT_DOUBLE_EQ(same.ratio, 1);
  EXPECT_EQ(same.verdict, SpeedVerdict::kNoDifference);
}

TEST(Statistics, IntervalByHand) {
  // Logarithms of the ratios: 0, log 2, log 4; mean log 2, deviation log 2, t(2) = 4.303.
  const SpeedRatio ratio = paired_ratio({10, 20, 40}, {10, 10, 10});
  EXPECT_NEAR(ratio.ratio, 2, 1e-12);
  const double half = 4.303 * std::log(2) / std::sqrt(3);
  EXPECT_NEAR(*ratio.low, 2 * std::exp(-half), 1e-12);
  EXPECT_NEAR(*ratio.high, 2 * std::exp(half), 1e-12);
  EXPECT_EQ(ratio.verdict, SpeedVerdict::kNoDifference);
}

TEST(Statistics, TwoRoundsProveNothing) {
  const SpeedRatio ratio = paired_ratio({100, 100}, {1, 1});
  EXPECT_NEAR(ratio.ratio, 100, 1e-9);
  EXPECT_FALSE(ratio.low.has_value());
  EXPECT_EQ(ratio.verdict, SpeedVerdict::kTooFewRounds);
  EXPECT_EQ(paired_ratio({}, {}).verdict, SpeedVerdict::kTooFewRounds);
}

// Two engines with the same speed: a winner may be named in five cases of a hundred, not more. The machine's own
// pace, which both share in a round, must not matter.
TEST(Statistics, NamesNoWinnerWhereThereIsNone) {
  std::mt19937 random(7);
  std::normal_distribution<double> pace(0, 0.3), noise(0, 0.05);
  for (const int rounds : {3, 5, 10, 40}) {
    constexpr int kTrials = 4000;
    int named = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<double> reference, own;
      for (int k = 0; k < rounds; ++k) {
        const double shared = pace(random);
        reference.push_back(20 * std::exp(shared + noise(random)));
        own.push_back(20 * std::exp(shared + noise(random)));
      }
      named += paired_ratio(reference, own).verdict == SpeedVerdict::kNoDifference ? 0 : 1;
    }
    EXPECT_NEAR(static_cast<double>(named) / kTrials, 0.05, 0.012) << rounds << " rounds";
  }
}

TEST(Statistics, FindsADifferenceThatIsThere) {
  std::mt19937 random(8);
  std::normal_distribution<double> pace(0, 0.3), noise(0, 0.01);
  std::vector<double> reference, own;
  for (int k = 0; k < 10; ++k) {
    const double shared = pace(random);
    reference.push_back(20 * std::exp(shared + noise(random)));
    own.push_back(19 * std::exp(shared + noise(random)));
  }
  const SpeedRatio ratio = paired_ratio(reference, own);
  EXPECT_EQ(ratio.verdict, SpeedVerdict::kFaster);
  EXPECT_LT(*ratio.low, 20.0 / 19);
  EXPECT_GT(*ratio.high, 20.0 / 19);
}

}  // namespace
}  // namespace saker
