// Ranges from statistics, scales from ranges.
#include "quantize/observer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace saker {
namespace {

// A channel of pictures, each a list of numbers.
ChannelStatistics statistics_of(const std::vector<std::vector<float>>& pictures) {
  ChannelStatistics result;
  const auto view = [](const std::vector<float>& p) {
    return ChannelView{p.data(), 1, static_cast<std::int64_t>(p.size()), 0, 1};
  };
  for (std::size_t i = 0; i < pictures.size(); ++i)
    EXPECT_TRUE(add_range(view(pictures[i]), result, static_cast<std::int64_t>(i)));
  for (const auto& picture : pictures) add_histogram(view(picture), result);
  return result;
}

ValueRange range_of(Observer observer, const ChannelStatistics& statistics) {
  const ChannelStatistics* one = &statistics;
  return choose_range(observer, {&one, 1});
}

// 10,000 numbers in [-1, 3), most of them near 0, and two far away.
ChannelStatistics with_outliers() {
  std::vector<float> numbers;
  for (int i = 0; i < 10'000; ++i) {
    const float t = 2 * static_cast<float>(i) / 10'000 - 1;
    numbers.push_back(t * t * t * (t < 0 ? 1 : 3));
  }
  numbers.push_back(40);
  numbers.push_back(-20);
  return statistics_of({numbers});
}

TEST(Statistics, RangeMeansAndHistogram) {
  const ChannelStatistics s = statistics_of({{1, 2, 3}, {-1, 0, 7}});
  EXPECT_EQ(s.low, -1);
  EXPECT_EQ(s.high, 7);
  EXPECT_EQ(s.mean_low, 0);
  EXPECT_EQ(s.mean_high, 5);
  EXPECT_EQ(s.mean(), 2);
  std::uint32_t total = 0;
  for (const std::uint32_t count : s.histogram) total += count;
  EXPECT_EQ(total, 6U);
  EXPECT_EQ(s.histogram.front(), 1U);
  EXPECT_EQ(s.histogram.back(), 1U);
}

TEST(Statistics, WhatIsNotFinite) {
  ChannelStatistics s;
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const float numbers[] = {1, bad, 2};
    EXPECT_FALSE(add_range({numbers, 1, 3, 0, 1}, s, 0));
  }
}

TEST(Observer, MinMaxAndMovingAverageIncludeZero) {
  const ChannelStatistics s = statistics_of({{1, 2}, {3, 6}});
  EXPECT_EQ(range_of(Observer::kMinMax, s).low, 0);
  EXPECT_EQ(range_of(Observer::kMinMax, s).high, 6);
  EXPECT_EQ(range_of(Observer::kMovingAverage, s).high, 4);
  const ChannelStatistics negative = statistics_of({{-2, -1}});
  EXPECT_EQ(range_of(Observer::kMinMax, negative).low, -2);
  EXPECT_EQ(range_of(Observer::kMinMax, negative).high, 0);
}

TEST(Observer, TheOthersCutOutliersAndKeepTheRest) {
  const ChannelStatistics s = with_outliers();
  EXPECT_EQ(range_of(Observer::kMinMax, s).high, 40);
  for (const Observer observer : {Observer::kEntropy, Observer::kMse}) {
    const ValueRange range = range_of(observer, s);
    EXPECT_LT(range.high, 40) << static_cast<int>(observer);
    EXPECT_GT(range.high, 2.5F) << static_cast<int>(observer);
    EXPECT_GT(range.low, -20) << static_cast<int>(observer);
    EXPECT_LT(range.low, -0.9F) << static_cast<int>(observer);
  }
}

TEST(Observer, PercentileLeavesOutOneInTwentyThousandAtEachEnd) {
  std::vector<float> numbers(40'000, 1);
  numbers[0] = 100;
  numbers[1] = -50;
  const ValueRange range = range_of(Observer::kPercentile, statistics_of({numbers}));
  EXPECT_LT(range.high, 2);
  EXPECT_EQ(range.low, 0);
}

TEST(Observer, NothingButOneNumber) {
  for (const Observer observer :
       {Observer::kMinMax, Observer::kMovingAverage, Observer::kPercentile, Observer::kEntropy, Observer::kMse}) {
    for (const float number : {0.0F, 5.0F, -5.0F}) {
      const ValueRange range = range_of(observer, statistics_of({{number, number}}));
      EXPECT_EQ(range.low, std::min(number, 0.0F)) << static_cast<int>(observer);
      EXPECT_EQ(range.high, std::max(number, 0.0F)) << static_cast<int>(observer);
    }
  }
}

TEST(Observer, SeveralChannelsTogether) {
  const ChannelStatistics a = statistics_of({{0, 1}}), b = statistics_of({{-3, 0.5F}});
  const ChannelStatistics* both[] = {&a, &b};
  for (const Observer observer : {Observer::kMinMax, Observer::kMovingAverage}) {
    EXPECT_EQ(choose_range(observer, both).low, -3);
    EXPECT_EQ(choose_range(observer, both).high, 1);
  }
}

TEST(ScaleOf, AsymmetricAndSymmetric) {
  const ScaleAndZero both = scale_of({-1, 1.55F}, false, 0);
  EXPECT_FLOAT_EQ(both.scale, 0.01F);
  EXPECT_EQ(both.zero_point, 100);
  EXPECT_EQ(scale_of({0, 2.55F}, false, 0).zero_point, 0);
  EXPECT_EQ(scale_of({-2.55F, 0}, false, 0).zero_point, 255);
  const ScaleAndZero symmetric = scale_of({-1, 1.27F}, true, 0);
  EXPECT_FLOAT_EQ(symmetric.scale, 0.01F);
  EXPECT_EQ(symmetric.zero_point, 128);
  EXPECT_EQ(scale_of({0, 2.55F}, true, 0).zero_point, 0);
}

TEST(ScaleOf, ARangeOfNothingTakesTheLeastScale) {
  const ScaleAndZero none = scale_of({0, 0}, false, 0.25F);
  EXPECT_EQ(none.scale, 0.25F);
  EXPECT_EQ(none.zero_point, 0);
}

}  // namespace
}  // namespace saker
