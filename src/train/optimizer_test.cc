#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "train/schedule.h"
#include "train/train_fixture.h"

namespace saker::train {
namespace {

// Three steps of torch.optim 2.15 from (1, -2, 0.5, 3) with lr 0.1, momentum or beta 1 of 0.9, decay 0.01 and the
// gradients (0.5, -1, 2, 0.25) (t + 1) - (1, 0, 3, 0) t for t = 0, 1, 2.
struct Case {
  OptimizerKind kind;
  std::array<float, 4> expected;
};

class OptimizerSteps : public testing::TestWithParam<Case> {};

TEST_P(OptimizerSteps, EqualTorch) {
  nets::Network network = tiny_network();
  const Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size()), gradients(weights.trained());
  const std::array<float, 4> start = {1, -2, 0.5F, 3}, slope = {0.5F, -1, 2, 0.25F}, turn = {1, 0, 3, 0};
  std::ranges::copy(start, numbers.begin());  // the first are weights of convolutions: they decay
  Optimizer optimizer(GetParam().kind, weights, 0.01);
  StepRates rates;
  rates.rate.fill(0.1);
  ThreadPool pool(2);
  for (int t = 0; t < 3; ++t) {
    for (std::size_t i = 0; i < 4; ++i) {
      const auto step = static_cast<float>(t);
      gradients[i] = 2 * (slope[i] * (step + 1) - turn[i] * step);  // halved again by the scale
    }
    optimizer.step(numbers, gradients, 0.5, rates, pool);
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(numbers[i], GetParam().expected[i], 2e-6) << i;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, OptimizerSteps,
    testing::Values(Case{OptimizerKind::kSgd, {0.91552943F, -0.529780924F, -0.460398406F, 2.61235762F}},
                    Case{OptimizerKind::kAdam, {0.83804965F, -1.7074635F, 0.2345981F, 2.70649266F}},
                    Case{OptimizerKind::kAdamW, {0.838850915F, -1.70198417F, 0.233518898F, 2.69898701F}}));

TEST(Optimizer, OnlyWeightsOfConvolutionsDecay) {
  nets::Network network = tiny_network();
  const Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size(), 1), gradients(weights.trained(), 0);
  Optimizer optimizer(OptimizerKind::kSgd, weights, 0.5);
  StepRates rates;
  rates.rate.fill(0.1);
  ThreadPool pool(1);
  optimizer.step(numbers, gradients, 1, rates, pool);
  EXPECT_LT(numbers[weights.range(WeightKind::kWeight).first], 1);
  EXPECT_EQ(numbers[weights.range(WeightKind::kNorm).first], 1);
  EXPECT_EQ(numbers[weights.range(WeightKind::kBias).first], 1);
  EXPECT_EQ(numbers[weights.range(WeightKind::kBuffer).first], 1);
}

TEST(Average, FollowsMoreSlowlyWithTime) {
  ThreadPool pool(1);
  const std::vector<float> zero = {0}, one = {1};
  Average average(zero, 0.9999, 2000);
  average.update(one, pool);
  // decay = 0.9999 (1 - exp(-1 / 2000))
  EXPECT_NEAR(average.numbers()[0], 1 - 0.9999 * (1 - std::exp(-1.0 / 2000)), 1e-7);
  EXPECT_EQ(average.updates(), 1);
}

TEST(NormOf, TakesAllNumbersWhateverTheThreads) {
  std::vector<float> numbers(100'003);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 7) - 3;
  ThreadPool one(1), three(3);
  const double norm = norm_of(numbers, one);
  double sum = 0;
  for (const float number : numbers) sum += double{number} * double{number};
  EXPECT_NEAR(norm, std::sqrt(sum), 1e-9 * norm);
  EXPECT_EQ(norm, norm_of(numbers, three));
}

TEST(Schedule, WarmsUpAndFalls) {
  ScheduleOptions options;
  options.epochs = 10;
  options.batch = 16;
  const Schedule schedule(options, 20);
  EXPECT_EQ(schedule.warmup(), 60);
  const StepRates first = schedule.rates(0), middle = schedule.rates(30), warm = schedule.rates(60),
                  last = schedule.rates(199);
  EXPECT_DOUBLE_EQ(first.rate[0], 0);
  EXPECT_DOUBLE_EQ(first.rate[2], 0.1);
  EXPECT_DOUBLE_EQ(first.momentum, 0.8);
  const double second_epoch = 0.01 * (1 - 0.1 * 0.99);
  EXPECT_NEAR(middle.rate[0], second_epoch / 2, 1e-12);
  EXPECT_NEAR(middle.rate[2], (0.1 + second_epoch) / 2, 1e-12);
  EXPECT_NEAR(warm.rate[0], 0.01 * (1 - 0.3 * 0.99), 1e-12);
  EXPECT_DOUBLE_EQ(warm.momentum, 0.937);
  EXPECT_NEAR(last.rate[0], 0.01 * (1 - 0.9 * 0.99), 1e-12);
  EXPECT_EQ(schedule.accumulate(0), 1);
  EXPECT_EQ(schedule.accumulate(100), 4);
}

TEST(Schedule, YoloxFallsByHalfACosineAndStays) {
  ScheduleOptions options;
  options.curve = Curve::kYolox;
  options.lrf = 0.05;
  options.epochs = 30;
  options.warmup_epochs = 5;
  options.no_aug_epochs = 10;
  options.nominal_batch = 0;
  const Schedule schedule(options, 10);
  EXPECT_NEAR(schedule.rates(24).rate[0], 0.01 * 0.25, 1e-12);  // (25 / 50)^2
  EXPECT_NEAR(schedule.rates(124).rate[0], (0.01 + 0.0005) / 2, 1e-12);
  EXPECT_NEAR(schedule.rates(250).rate[1], 0.0005, 1e-12);
  EXPECT_EQ(schedule.accumulate(7), 1);
}

}  // namespace
}  // namespace saker::train
