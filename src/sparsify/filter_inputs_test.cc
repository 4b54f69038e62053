// Means and covariances against sums over every position of small pictures.
#include "sparsify/filter_inputs.h"

#include <gtest/gtest.h>

#include "support/test_graphs.h"

namespace saker::sparsify {
namespace {

constexpr std::int64_t kChannels = 3, kHeight = 7, kWidth = 6;

ConvAttrs conv_attrs() {
  ConvAttrs attrs;
  attrs.window.strides = {2, 1};
  attrs.window.pads = {1, 1, 1, 1};
  return attrs;
}

// As kernels write it: channels innermost.
struct Picture {
  Tensor numbers;
  TensorView view;
};
Picture picture(std::uint32_t seed) {
  Picture result;
  result.numbers = random_tensor({1, kHeight, kWidth, kChannels}, seed, -1, 3);
  result.view.data = result.numbers.raw();
  result.view.shape = {1, kChannels, kHeight, kWidth};
  result.view.strides = {0, 1, kWidth * kChannels, kChannels};
  return result;
}

// What a 3x3 filter sees: [taps][channels].
std::vector<double> patch(const TensorView& view, std::int64_t row, std::int64_t column) {
  std::vector<double> result;
  for (std::int64_t r = 0; r < 3; ++r) {
    for (std::int64_t q = 0; q < 3; ++q) {
      const std::int64_t y = 2 * row - 1 + r, x = column - 1 + q;
      for (std::int64_t c = 0; c < kChannels; ++c) {
        const bool inside = y >= 0 && y < kHeight && x >= 0 && x < kWidth;
        result.push_back(inside ? static_cast<double>(view.as<float>()[c + y * kWidth * kChannels + x * kChannels])
                                : 0);
      }
    }
  }
  return result;
}

TEST(FilterInputs, MeansAndCovarianceOfAllPositions) {
  constexpr std::int64_t kRows = 4, kColumns = 6;  // of the output
  constexpr std::size_t kPictures = 50, kSize = 27;
  ThreadPool pool(2);
  auto inputs = FilterInputs::create(PatchReader(conv_attrs(), {8, kChannels, 3, 3}), 2, 2);
  ASSERT_TRUE(inputs.ok()) << inputs.error().message;
  std::vector<double> sums(kSize, 0), products(kSize * kSize, 0), goal(2 * kSize, 0), wanted_sums(2, 0);
  double count = 0;
  for (std::uint32_t p = 0; p < kPictures; ++p) {
    const Picture own = picture(p);
    const auto positions = sample_positions(p, kRows, kColumns, 100);
    ASSERT_EQ(positions.size(), static_cast<std::size_t>(kRows * kColumns));
    const Tensor wanted = random_tensor({kRows * kColumns, 2}, 500 + p, 0, 1);
    ASSERT_TRUE(inputs->add(own.view, positions, {wanted.data<float>(), 2 * positions.size()}, pool).ok());
    for (std::int64_t at = 0; at < kRows * kColumns; ++at) {
      const std::vector<double> x = patch(own.view, at / kColumns, at % kColumns);
      for (std::size_t i = 0; i < kSize; ++i) {
        sums[i] += x[i];
        for (std::size_t j = 0; j < kSize; ++j) products[i * kSize + j] += x[i] * x[j];
        for (std::size_t o = 0; o < 2; ++o)
          goal[o * kSize + i] +=
              x[i] * static_cast<double>(wanted.data<float>()[at * 2 + static_cast<std::int64_t>(o)]);
      }
      for (std::size_t o = 0; o < 2; ++o)
        wanted_sums[o] += static_cast<double>(wanted.data<float>()[at * 2 + static_cast<std::int64_t>(o)]);
      ++count;
    }
  }
  ASSERT_TRUE(inputs->finish().ok());
  const std::vector<double> means = inputs->means(), covariance = inputs->covariance();
  const std::vector<double> got = inputs->goal();
  for (std::size_t i = 0; i < goal.size(); ++i)
    EXPECT_NEAR(got[i], goal[i] / count - sums[i % kSize] / count * (wanted_sums[i / kSize] / count), 1e-4);
  double trace = 0;
  for (std::size_t i = 0; i < kSize; ++i)
    trace += products[i * kSize + i] / count - sums[i] / count * (sums[i] / count);
  for (std::size_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(means[i], sums[i] / count, 1e-9);
    for (std::size_t j = 0; j < kSize; ++j) {
      const double expected = products[i * kSize + j] / count - sums[i] / count * (sums[j] / count) +
                              (i == j ? 0.01 * trace / static_cast<double>(kSize) : 0);
      EXPECT_NEAR(covariance[i * kSize + j], expected, 1e-4);
    }
  }
}

TEST(FilterInputs, PositionsAreTheSameAgainAndOthersForOtherPictures) {
  const auto first = sample_positions(3, 80, 80, 64), again = sample_positions(3, 80, 80, 64);
  const auto other = sample_positions(4, 80, 80, 64);
  ASSERT_EQ(first.size(), 64U);
  bool same = true, differs = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_LT(first[i].row, 80);
    EXPECT_LT(first[i].column, 80);
    same = same && first[i].row == again[i].row && first[i].column == again[i].column;
    differs = differs || first[i].row != other[i].row;
  }
  EXPECT_TRUE(same);
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace saker::sparsify
