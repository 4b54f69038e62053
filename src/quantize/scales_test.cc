// The scale of a filter: what its numbers and its pairs of numbers reach.
#include "quantize/scales.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/int8_pairs.h"

namespace saker {
namespace {

struct Reach {
  int number = 0, pair = 0;
};

// Of a filter rounded to the nearest.
Reach reach_of(const FilterWeights& filter, const std::vector<float>& factors, float scale) {
  const auto number = [&](std::int64_t i, std::int64_t t) {
    const float weight = filter.values[i * filter.input_step + t * filter.tap_step];
    return static_cast<int>(std::nearbyint(weight * factors[static_cast<std::size_t>(i)] / scale));
  };
  Reach reach;
  for (std::int64_t t = 0; t < filter.taps; ++t) {
    for (std::int64_t i = 0; i < filter.inputs; ++i) {
      reach.number = std::max(reach.number, std::abs(number(i, t)));
      if (i % 2 == 0 && i + 1 < filter.inputs)
        reach.pair = std::max(reach.pair, std::abs(number(i, t) + number(i + 1, t)));
    }
  }
  return reach;
}

// Weights as ONNX has them, taps innermost, and as training has them, inputs innermost; even and odd numbers of inputs.
TEST(FilterScale, NumbersAndPairsReachTheirBoundsAndNoFurther) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> weight(-1, 1), positive(0.9F, 1);
  for (int trial = 0; trial < 200; ++trial) {
    const std::int64_t inputs = 1 + trial % 9, taps = trial % 2 == 0 ? 9 : 1;
    std::vector<float> weights, factors;
    for (std::int64_t k = 0; k < inputs * taps; ++k)
      weights.push_back(trial % 3 == 0 ? positive(random) : weight(random));
    for (std::int64_t i = 0; i < inputs; ++i) factors.push_back(positive(random));
    for (const FilterWeights& filter : {FilterWeights{weights.data(), inputs, taps, taps, 1},
                                        FilterWeights{weights.data(), inputs, taps, 1, inputs}}) {
      for (const int bits : {7, 8}) {
        SCOPED_TRACE(trial);
        const Reach reach = reach_of(filter, factors, filter_scale(filter, factors.data(), bits));
        EXPECT_LE(reach.number, largest_weight(bits));
        EXPECT_LE(reach.pair, kWidestInt8Pair);
        EXPECT_TRUE(reach.number == largest_weight(bits) || reach.pair >= kWidestInt8Pair - 2)
            << reach.number << " " << reach.pair;
      }
    }
  }
}

// Pairs are inputs 0 and 1, 2 and 3; not 1 and 2, nor neighbouring taps.
TEST(FilterScale, LooksAtPairsOfInputsOnly) {
  const std::vector<float> factors = {1, 1, 1, 1};
  const auto scale = [&](std::vector<float> weights, std::int64_t inputs) {
    const auto taps = static_cast<std::int64_t>(weights.size()) / inputs;
    return filter_scale({weights.data(), inputs, taps, taps, 1}, factors.data(), 8);
  };
  EXPECT_FLOAT_EQ(scale({1, 0, 1, 0}, 4), 1 / 127.0F);
  EXPECT_FLOAT_EQ(scale({0, 1, 1, 0}, 4), 1 / 127.0F);
  EXPECT_FLOAT_EQ(scale({1, 1, 0, 0}, 4), 2 / 127.0F);
  EXPECT_FLOAT_EQ(scale({1, -1, 0, 0}, 4), 1 / 127.0F);
  EXPECT_FLOAT_EQ(scale({1, 1, 0, 0}, 2), 1 / 127.0F);  // two taps of one input
  EXPECT_FLOAT_EQ(scale({0, 0, 1}, 3), 1 / 127.0F);     // the last of an odd number
}

TEST(FilterScale, OfNothingIsANumber) {
  const std::vector<float> weights(4, 0.0F), factors(4, 1.0F);
  const float scale = filter_scale({weights.data(), 4, 1, 1, 1}, factors.data(), 8);
  EXPECT_TRUE(std::isnormal(scale) && scale > 0);
}

}  // namespace
}  // namespace saker
