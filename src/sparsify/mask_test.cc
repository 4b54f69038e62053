// Masks: as many zeros as asked, in whole blocks, the worthless ones first.
#include "sparsify/mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace saker::sparsify {
namespace {

std::vector<float> random_scores(const WeightDims& dims, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> numbers(0, 1);
  std::vector<float> scores(static_cast<std::size_t>(dims.size()));
  for (float& score : scores) score = numbers(random);
  return scores;
}

Mask mask_of(const std::vector<float>& scores, const WeightDims& dims, SparsePattern pattern, double sparsity) {
  auto mask = choose_mask({scores, dims}, pattern, sparsity);
  EXPECT_TRUE(mask.ok()) << mask.error().message;
  return mask.ok() ? *mask : Mask();
}

TEST(Mask, UnstructuredZerosAreTheLeastScores) {
  const WeightDims dims{8, 12, 9};
  const std::vector<float> scores = random_scores(dims, 1);
  const Mask mask = mask_of(scores, dims, SparsePattern::kUnstructured, 0.75);
  EXPECT_DOUBLE_EQ(share_of_zeros(mask), 0.75);
  float highest_zero = 0, lowest_kept = 1;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) highest_zero = std::max(highest_zero, scores[i]);
    if (mask[i] == 1) lowest_kept = std::min(lowest_kept, scores[i]);
  }
  EXPECT_LT(highest_zero, lowest_kept);
}

TEST(Mask, BlocksAreZeroTogether) {
  const WeightDims dims{16, 20, 3};
  const std::vector<float> scores = random_scores(dims, 2);
  for (const SparsePattern pattern : {SparsePattern::kBlock4, SparsePattern::k2x4, SparsePattern::k4x4}) {
    SCOPED_TRACE(name_of(pattern));
    const Mask mask = mask_of(scores, dims, pattern, 0.6);
    EXPECT_NEAR(share_of_zeros(mask), 0.6, 0.01);
    const BlockSize block = block_size(pattern).value();
    const auto full = count_full_blocks<std::uint8_t>(mask.data(), dims, block, 0);
    EXPECT_EQ((count_blocks(dims, block) - full) * block.outputs * block.inputs, std::ranges::count(mask, 0));
  }
}

// The mean decides, not the largest member: [out 1][in 8][taps 1].
TEST(Mask, ABlockIsWorthTheMeanOfItsMembers) {
  const std::vector<float> scores = {4, 0, 0, 0, 2, 2, 2, 2};
  EXPECT_EQ(mask_of(scores, {1, 8, 1}, SparsePattern::kBlock4, 0.5), (Mask{0, 0, 0, 0, 1, 1, 1, 1}));
}

// 6 input channels: a block of four and one of two, which is worth its own mean.
TEST(Mask, BlocksCutShortAtTheEndAreBlocks) {
  const std::vector<float> scores = {1, 1, 1, 1, 3, 0};
  EXPECT_EQ(mask_of(scores, {1, 6, 1}, SparsePattern::kBlock4, 0.6), (Mask{0, 0, 0, 0, 1, 1}));
  const std::vector<float> other = {2, 2, 2, 2, 3, 0};
  EXPECT_EQ(mask_of(other, {1, 6, 1}, SparsePattern::kBlock4, 0.4), (Mask{1, 1, 1, 1, 0, 0}));
}

TEST(Mask, TwoOfFourKeepsTheTwoBest) {
  const std::vector<float> scores = {1, 4, 3, 2, 9, 7, 8};
  EXPECT_EQ(mask_of(scores, {1, 7, 1}, SparsePattern::kTwoOfFour, 0.9), (Mask{0, 1, 1, 0, 1, 0, 1}));
}

TEST(Mask, ChannelsGoWhole) {
  const WeightDims dims{6, 5, 9};
  const Mask mask = mask_of(random_scores(dims, 3), dims, SparsePattern::kChannel, 0.5);
  for (std::size_t o = 0; o < 6; ++o) {
    const auto ones = std::count(mask.begin() + static_cast<std::ptrdiff_t>(o * 45),
                                 mask.begin() + static_cast<std::ptrdiff_t>((o + 1) * 45), 1);
    EXPECT_TRUE(ones == 0 || ones == 45);
  }
  EXPECT_DOUBLE_EQ(share_of_zeros(mask), 0.5);
}

TEST(Mask, ALayerIsNeverAllZeroUnlessThatIsAsked) {
  const WeightDims dims{2, 4, 1};
  const std::vector<float> scores(8, 0.5F);
  EXPECT_DOUBLE_EQ(share_of_zeros(mask_of(scores, dims, SparsePattern::kBlock4, 0.99)), 0.5);
  EXPECT_DOUBLE_EQ(share_of_zeros(mask_of(scores, dims, SparsePattern::kBlock4, 1)), 1);
}

TEST(Mask, LayersShareAThreshold) {
  const WeightDims dims{4, 8, 1};
  const std::vector<float> low = random_scores(dims, 4);
  std::vector<float> high = random_scores(dims, 5);
  for (float& score : high) score += 1;
  const LayerScores layers[] = {{low, dims}, {high, dims}};
  auto masks = choose_masks(layers, SparsePattern::kUnstructured, 0.25);
  ASSERT_TRUE(masks.ok());
  EXPECT_DOUBLE_EQ(share_of_zeros((*masks)[0]), 0.5);
  EXPECT_DOUBLE_EQ(share_of_zeros((*masks)[1]), 0);
  const LayerScores bounded[] = {{low, dims, 0.25}, {high, dims}};
  masks = choose_masks(bounded, SparsePattern::kUnstructured, 0.25);
  ASSERT_TRUE(masks.ok());
  EXPECT_DOUBLE_EQ(share_of_zeros((*masks)[0]), 0.25);
  EXPECT_DOUBLE_EQ(share_of_zeros((*masks)[1]), 0.25);
}

TEST(Mask, WhatCannotBeIsRefused) {
  const std::vector<float> scores(4, 1);
  for (const double sparsity : {-0.1, 1.1, std::nan("")}) {
    const auto mask = choose_mask({scores, {1, 4, 1}}, SparsePattern::kBlock4, sparsity);
    ASSERT_FALSE(mask.ok());
    EXPECT_NE(mask.error().message.find("0..1"), std::string::npos);
  }
  const std::vector<float> broken = {1, std::numeric_limits<float>::quiet_NaN(), 1, 1};
  EXPECT_FALSE(choose_mask({broken, {1, 4, 1}}, SparsePattern::kBlock4, 0.5).ok());
}

TEST(Mask, LayersThatDoNotFitSayWhy) {
  EXPECT_EQ(why_not(SparsePattern::k4x4, {16, 3, 9}), "3 input channels are fewer than 4");
  EXPECT_EQ(why_not(SparsePattern::k4x4, {2, 8, 9}), "2 output channels are fewer than 4");
  EXPECT_EQ(why_not(SparsePattern::kUnstructured, {1, 1, 1}), "");
  EXPECT_EQ(why_not(SparsePattern::kTwoOfFour, {16, 3, 9}), "3 input channels are fewer than 4");
  EXPECT_EQ(cut_short(SparsePattern::k4x4, {18, 8, 9}), "18 output channels are no multiple of 4");
  EXPECT_EQ(cut_short(SparsePattern::kBlock4, {18, 8, 9}), "");
}

}  // namespace
}  // namespace saker::sparsify
