#include "tracking/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/random.h"

namespace saker::tracking {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Costs {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

// The least sum of (cost - limit) that any choice of pairs has, by trying all.
double best_sum(const Costs& costs, double limit, std::size_t row, std::vector<bool>& taken) {
  if (row == costs.rows) return 0;
  double best = best_sum(costs, limit, row + 1, taken);
  for (std::size_t j = 0; j < costs.columns; ++j) {
    if (taken[j]) continue;
    taken[j] = true;
    best = std::min(best, costs.at(row, j) - limit + best_sum(costs, limit, row + 1, taken));
    taken[j] = false;
  }
  return best;
}

// What assign says, having checked that it is a choice of pairs below the limit.
double assigned_sum(const Costs& costs, double limit) {
  const auto partners = assign(costs.values, costs.rows, costs.columns, limit);
  EXPECT_EQ(partners.size(), costs.rows);
  std::set<std::size_t> taken;
  double sum = 0;
  for (std::size_t i = 0; i < partners.size(); ++i) {
    if (!partners[i]) continue;
    EXPECT_LT(*partners[i], costs.columns);
    EXPECT_TRUE(taken.insert(*partners[i]).second) << "column " << *partners[i] << " twice";
    EXPECT_LT(costs.at(i, *partners[i]), limit);
    sum += costs.at(i, *partners[i]) - limit;
  }
  return sum;
}

TEST(Assignment, IsTheBestOfAllThatThereAre) {
  PortableRandom random(1);
  for (int round = 0; round < 4000; ++round) {
    Costs costs{random.below(6), random.below(6), {}};
    const double limit = random.between(0.1, 1.2);
    // Every third matrix has only few values, so that there are ties, also with the limit.
    for (std::size_t i = 0; i < costs.rows * costs.columns; ++i) {
      const bool few = round % 3 == 0;
      costs.values.push_back(few ? limit * static_cast<double>(random.below(4)) / 2 : random.between(0, 1));
    }
    std::vector<bool> taken(costs.columns, false);
    ASSERT_NEAR(assigned_sum(costs, limit), best_sum(costs, limit, 0, taken), 1e-12) << "round " << round;
  }
}

TEST(Assignment, TakesTheOtherPairWhereThatCostsLessInAll) {
  // The first row's favourite is the second's only choice.
  EXPECT_EQ(assign(std::vector{0.1, 0.2, 0.1, 0.9}, 2, 2, 0.5),
            (std::vector<std::optional<std::size_t>>{std::size_t{1}, std::size_t{0}}));
}

TEST(Assignment, AtTheLimitThereIsNoPair) {
  EXPECT_EQ(assign(std::vector{0.5}, 1, 1, 0.5)[0], std::nullopt);
  EXPECT_EQ(assign(std::vector{0.49}, 1, 1, 0.5)[0], std::size_t{0});
}

TEST(Assignment, NothingOfNothing) {
  EXPECT_TRUE(assign({}, 0, 3, 1).empty());
  EXPECT_EQ(assign({}, 2, 0, 1), (std::vector<std::optional<std::size_t>>(2)));
}

TEST(Assignment, WhatIsNotFiniteIsNoPair) {
  EXPECT_EQ(assign(std::vector{kNan, kInfinite, -kInfinite, kNan}, 2, 2, 1),
            (std::vector<std::optional<std::size_t>>(2)));
  EXPECT_EQ(assign(std::vector{kNan, 0.5, kNan, 0.4}, 2, 2, 1),
            (std::vector<std::optional<std::size_t>>{std::nullopt, std::size_t{1}}));
}

TEST(Assignment, ManyWithManyIsStillTheBest) {
  // The diagonal is the cheapest place of each row and each column.
  constexpr std::size_t kMany = 300;
  PortableRandom random(2);
  Costs costs{kMany, kMany + 50, {}};
  for (std::size_t i = 0; i < costs.rows; ++i)
    for (std::size_t j = 0; j < costs.columns; ++j) costs.values.push_back(i == j ? 0.1 : random.between(0.2, 1));
  const auto partners = assign(costs.values, costs.rows, costs.columns, 0.8);
  for (std::size_t i = 0; i < costs.rows; ++i) EXPECT_EQ(partners[i], i);
}

}  // namespace
}  // namespace saker::tracking
