// What holds for every family: layouts and threads make no difference, gradients are those of the total, and odd
// targets and maps do no harm. That the numbers are the frameworks' is recorded_test.cc's.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/thread_pool.h"
#include "losses/recorded_cases.h"

namespace saker::losses {
namespace {

constexpr std::int64_t kClasses = 3;
constexpr ImageSize kInput = {96, 64};

std::unique_ptr<Loss> loss_of(Family family) {
  switch (family) {
    case Family::kDistances:
      return make_loss(DistanceLossOptions{.classes = kClasses});
    case Family::kAnchors:
      return make_loss(AnchorLossOptions{.classes = kClasses, .anchors = kTestAnchors});
    case Family::kYolox:
      break;
  }
  return make_loss(YoloxLossOptions{.classes = kClasses, .l1 = true});
}

CaseShape shape_of(Family family, std::uint64_t seed = 1) {
  return {family, seed, kInput.width, kInput.height, kClasses, 3, 0.5, 0.25, 1};
}

const std::vector<Target>& some_targets() {
  static const std::vector<Target> targets = {{0, 2, 40, 30, 30, 25},
                                              {0, 1, 42, 31, 20, 40},
                                              {2, 0, 80, 50, 10, 12},
                                              {2, 2, 12, 20, 9, 5},
                                              {2, 1, 48, 32, 90, 60}};
  return targets;
}

class EveryLoss : public testing::TestWithParam<Family> {
 protected:
  Losses compute(std::vector<TestMap>& maps, const std::vector<Target>& targets, int threads = 1,
                 bool with_gradients = true) {
    ThreadPool pool(threads);
    return loss_->compute(views_of(maps, with_gradients), targets, kInput, pool);
  }
  std::vector<TestMap> maps(Order order = Order::kRowMajor) { return case_maps(shape_of(GetParam()), order); }

  std::unique_ptr<Loss> loss_ = loss_of(GetParam());
};

void expect_same_gradients(const std::vector<TestMap>& a, const std::vector<TestMap>& b) {
  for (std::size_t m = 0; m < a.size(); ++m) {
    for (std::int64_t i = 0; i < a[m].size(); ++i) {
      ASSERT_EQ(a[m].gradient(i), b[m].gradient(i)) << "map " << m << " element " << i;
    }
  }
}

TEST_P(EveryLoss, ItemsAreNamedAndMakeTheTotal) {
  auto some = maps();
  const Losses losses = compute(some, some_targets());
  double sum = 0;
  std::vector<std::string_view> names;
  for (const LossItem& item : losses.items) {
    names.push_back(item.name);
    EXPECT_GT(item.value, 0) << item.name;
    sum += item.value;
  }
  EXPECT_EQ(names, loss_->item_names());
  EXPECT_NEAR(losses.total, sum * (GetParam() == Family::kYolox ? 1 : 3), 1e-12 * losses.total);
}

TEST_P(EveryLoss, LayoutsMakeNoDifference) {
  auto plain = maps(), last = maps(Order::kChannelsLast), gaps = maps(Order::kGaps);
  const Losses expected = compute(plain, some_targets());
  for (auto* others : {&last, &gaps}) {
    EXPECT_NEAR(compute(*others, some_targets()).total, expected.total, 1e-6 * expected.total);
    expect_same_gradients(plain, *others);
  }
  for (const TestMap& map : gaps) EXPECT_TRUE(map.gaps_are_untouched());
}

TEST_P(EveryLoss, ThreadsMakeNoDifference) {
  auto one = maps(Order::kChannelsLast);
  const Losses expected = compute(one, some_targets(), 1);
  for (const int threads : {2, 5}) {
    auto many = maps(Order::kChannelsLast);
    const Losses losses = compute(many, some_targets(), threads);
    EXPECT_EQ(losses.total, expected.total);
    expect_same_gradients(one, many);
  }
}

TEST_P(EveryLoss, WithoutGradientsTheLossesAreTheSame) {
  auto with = maps(), without = maps();
  const Losses expected = compute(with, some_targets());
  const Losses losses = compute(without, some_targets(), 2, false);
  EXPECT_EQ(losses.total, expected.total);
  for (std::size_t i = 0; i < losses.items.size(); ++i) EXPECT_EQ(losses.items[i].value, expected.items[i].value);
}

TEST_P(EveryLoss, CallsDoNotDependOnThoseBefore) {
  auto first = maps(), second = maps();
  const Losses expected = compute(first, some_targets());
  auto other = case_maps({GetParam(), 9, 32, 160, kClasses, 1}, Order::kChannelsLast);
  compute(other, {{0, 0, 10, 70, 12, 30}});
  EXPECT_EQ(compute(second, some_targets()).total, expected.total);
  expect_same_gradients(first, second);
}

// Scores of cells that no target is near: neither the assignment nor its weights depend on them.
TEST_P(EveryLoss, BackgroundGradientsAreThoseOfCentralDifferences) {
  const std::vector<Target> targets = {{0, 2, 20, 20, 14, 15}};
  auto some = maps();
  compute(some, targets);
  // The scores or objectness of the first level, in the last picture.
  const std::size_t m = GetParam() == Family::kAnchors ? 0 : 1;
  const std::int64_t area = 8 * 12, channels = some[m].size() / (3 * area);
  const std::int64_t channel = GetParam() == Family::kAnchors ? 8 + 4 : 0;
  for (const std::int64_t cell : {0, 40, 95}) {
    const std::int64_t i = (2 * channels + channel) * area + cell;
    constexpr float kStep = 1.F / 64;
    double totals[2];
    for (int side = 0; side < 2; ++side) {
      auto moved = maps();
      moved[m].value(i) += side == 0 ? -kStep : kStep;
      totals[side] = compute(moved, targets).total;
    }
    const double expected = (totals[1] - totals[0]) / (2 * static_cast<double>(kStep));
    EXPECT_GT(expected, 0);
    EXPECT_NEAR(static_cast<double>(some[m].gradient(i)), expected, 2e-3 * expected + 1e-6) << cell;
  }
}

TEST_P(EveryLoss, WithoutTargetsOnlyScoresCount) {
  auto some = maps();
  const Losses losses = compute(some, {});
  EXPECT_TRUE(std::isfinite(losses.total));
  EXPECT_GT(losses.total, 0);
  int with_value = 0;
  for (const LossItem& item : losses.items) with_value += item.value > 0 ? 1 : 0;
  EXPECT_EQ(with_value, 1);
  EXPECT_EQ(some[0].gradient(0), 0);  // of a box
}

// A target that no cell answers for changes nothing.
TEST_P(EveryLoss, TargetsOutsideOrWithoutAreaDoNoHarm) {
  auto empty = maps();
  const Losses without = compute(empty, {});
  for (const Target& odd : {Target{1, 0, 1e9F, -1e9F, 20, 20},
                            {1, 0, -500, 30, 1e30F, 1e30F},
                            {1, 1, 40, 30, 0, 0},
                            {1, 1, 40, 30, 0, 20},
                            {1, 2, 40, 30, -5, -5}}) {
    auto some = maps();
    const Losses losses = compute(some, {odd});
    if (GetParam() == Family::kDistances || (GetParam() == Family::kAnchors && odd.w <= 0)) {
      EXPECT_NEAR(losses.total, without.total, 1e-9 * without.total);
      expect_same_gradients(some, empty);
    }
    for (const TestMap& map : some) {
      for (std::int64_t i = 0; i < map.size(); ++i) ASSERT_TRUE(std::isfinite(map.gradient(i)));
    }
  }
}

TEST_P(EveryLoss, WhatIsNotFiniteReachesTheTotal) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), infinity, -infinity}) {
    auto all = maps();
    for (TestMap& map : all) {
      for (std::int64_t i = 0; i < map.size(); ++i) map.value(i) = bad;
    }
    EXPECT_FALSE(std::isfinite(compute(all, some_targets()).total)) << bad;
    EXPECT_FALSE(std::isfinite(compute(all, {}).total)) << bad;
  }
  // One box of a cell in the middle of targets.
  auto one = maps();
  const std::int64_t area = 8 * 12, cell = 3 * 12 + 5;
  for (std::int64_t c = 0; c < one[0].size() / (3 * area); ++c) one[0].value(c * area + cell) = std::nanf("");
  EXPECT_FALSE(std::isfinite(compute(one, {{0, 2, 44, 28, 12, 12}}).total));
}

std::string family_name(const testing::TestParamInfo<Family>& test) {
  return test.param == Family::kDistances ? "Distances" : test.param == Family::kAnchors ? "Anchors" : "Yolox";
}

INSTANTIATE_TEST_SUITE_P(Families, EveryLoss, testing::Values(Family::kDistances, Family::kAnchors, Family::kYolox),
                         family_name);

// The items' derivatives on the boxes' maps: no target hangs on them here.
TEST(YoloxLoss, BoxGradientsAreThoseOfCentralDifferences) {
  const std::vector<Target> targets = {{0, 2, 44, 28, 30, 25}};
  const CaseShape shape = shape_of(Family::kYolox);
  ThreadPool pool(1);
  const auto loss = loss_of(Family::kYolox);
  std::vector<TestMap> maps = case_maps(shape, Order::kRowMajor);
  loss->compute(views_of(maps), targets, kInput, pool);
  int checked = 0;
  for (std::int64_t i = 0; i < maps[0].size(); ++i) {
    if (maps[0].gradient(i) == 0) continue;
    constexpr float kStep = 1.F / 1024;
    double sums[2];
    for (int side = 0; side < 2; ++side) {
      std::vector<TestMap> moved = case_maps(shape, Order::kRowMajor);
      moved[0].value(i) += side == 0 ? -kStep : kStep;
      const Losses losses = loss->compute(views_of(moved), targets, kInput, pool);
      sums[side] = losses.items[0].value + losses.items[3].value;
    }
    const double expected = (sums[1] - sums[0]) / (2 * static_cast<double>(kStep));
    EXPECT_NEAR(static_cast<double>(maps[0].gradient(i)), expected, 1e-3 * std::fabs(expected) + 1e-4) << i;
    ++checked;
  }
  EXPECT_GE(checked, 4);
}

}  // namespace
}  // namespace saker::losses
