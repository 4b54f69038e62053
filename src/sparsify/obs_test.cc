// Pruning with compensation: what numpy computes, in float64 and with an inverse for every step; and on layers too
// large to write down, that it is better than what is simpler.
#include "sparsify/obs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "sparsify/mask.h"

namespace saker::sparsify {
namespace {

// Small layers made of integers, so that another program can make them too:
//   w = [[((7*o + 11*k + 3*o*k) % 13 - 6) / 4 for k in range(K)] for o in range(O)]
//   A = [[((5*i + 3*j + i*j) % 11 - 5) / 3 for j in range(K + 4)] for i in range(K)]; H = A @ A.T / (K + 4) + 0.1 *
//   eye(K)
ObsLayer small_layer(const WeightDims& dims) {
  const auto inputs = dims.in_c * dims.taps, samples = inputs + 4;
  ObsLayer layer{dims, {}, {}};
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t k = 0; k < inputs; ++k)
      layer.weights.push_back(static_cast<double>((7 * o + 11 * k + 3 * o * k) % 13 - 6) / 4);
  }
  const auto a = [](std::int64_t i, std::int64_t j) {
    return static_cast<double>((5 * i + 3 * j + i * j) % 11 - 5) / 3;
  };
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t k = 0; k < inputs; ++k) {
      double sum = 0;
      for (std::int64_t j = 0; j < samples; ++j) sum += a(i, j) * a(k, j);
      layer.covariance.push_back(sum / static_cast<double>(samples) + (i == k ? 0.1 : 0));
    }
  }
  return layer;
}

ObsResult pruned(const ObsLayer& layer, SparsePattern pattern, double sparsity, int threads = 2) {
  ThreadPool pool(threads);
  auto result = prune_by_obs(layer, pattern, sparsity, pool);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *result : ObsResult();
}

void expect_numbers(const ObsResult& got, const std::vector<double>& expected, double error) {
  ASSERT_EQ(got.weights.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(got.weights[i], expected[i], 1e-6) << i;
    EXPECT_EQ(got.weights[i] == 0, expected[i] == 0) << i;
  }
  EXPECT_NEAR(got.error, error, 1e-9);
}

// Two taps, so two panels: three quarters of the first go and one of the second.
TEST(Obs, UnstructuredAsNumpyHasIt) {
  expect_numbers(pruned(small_layer({2, 4, 2}), SparsePattern::kUnstructured, 0.5),
                 {-2.04463357562, 1.30499718484, 0, 0, 0, 0, -1.21062763505, 1.18486243112, 0, 0, 0, 0, 1.30982691495,
                  0.879017734849, -1.47672200281, -1.68263327192},
                 0.12543944707725418);
}

// Six channels: a block of four and one of two.
TEST(Obs, BlocksOfFourAsNumpyHasThem) {
  expect_numbers(pruned(small_layer({3, 6, 2}), SparsePattern::kBlock4, 0.5),
                 {-2.14202891384,
                  1.23858961163,
                  0.628665281612,
                  0.630655121034,
                  0,
                  0,
                  -1.44308747289,
                  1.61743809769,
                  1.04359868148,
                  0.225247968453,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  1.39530961722,
                  0.778904995785,
                  -1.77234037845,
                  -1.49338457914,
                  -1.03850010748,
                  -1.03290643197,
                  0,
                  0,
                  -1.81686112152,
                  -1.42742016032,
                  -0.126765392132,
                  -1.22497601684,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0},
                 0.11730059095800108);
}

TEST(Obs, BlocksOfTwoByFourAsNumpyHasThem) {
  expect_numbers(pruned(small_layer({4, 12, 1}), SparsePattern::k2x4, 0.5),
                 {-2.01480906635,
                  1.23731507241,
                  0.657315435565,
                  0.263257971816,
                  -0.183531171797,
                  -0.670586232434,
                  -1.49264562239,
                  1.52781979642,
                  0,
                  0,
                  0,
                  0,
                  0.0624077975751,
                  0.560734560284,
                  0.881542128217,
                  1.00798550325,
                  1.36415681671,
                  1.39998868114,
                  -1.23714520904,
                  -1.09372839515,
                  0,
                  0,
                  0,
                  0,
                  -1.81686112152,
                  -1.42742016032,
                  -0.126765392132,
                  -1.22497601684,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0.00296574470991,
                  -0.860048035478,
                  0.491366000593,
                  -0.791316940849,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0},
                 0.2127013160636523);
}

// Inputs that vary together, several panels wide.
ObsLayer large_layer(const WeightDims& dims) {
  std::mt19937 random(7);
  std::normal_distribution<double> numbers(0, 1);
  const auto inputs = static_cast<std::size_t>(dims.in_c * dims.taps);
  ObsLayer layer{dims, std::vector<double>(static_cast<std::size_t>(dims.size())), {}};
  for (double& weight : layer.weights) weight = numbers(random);
  std::vector<double> scale(inputs);
  for (double& s : scale) s = std::exp(0.5 * numbers(random));
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t j = 0; j < inputs; ++j)
      layer.covariance.push_back(scale[i] * scale[j] *
                                 std::pow(0.9, std::fabs(static_cast<double>(i) - static_cast<double>(j))));
  }
  return layer;
}

// The variance of what changes when the smallest weights go and the rest stays, relative to that of the whole.
double magnitude_error(const ObsLayer& layer, SparsePattern pattern, double sparsity) {
  const auto channels = static_cast<std::size_t>(layer.dims.in_c), taps = static_cast<std::size_t>(layer.dims.taps);
  const std::size_t inputs = channels * taps, filters = layer.weights.size() / inputs;
  std::vector<float> scores(layer.weights.size());
  const auto at = [&](std::size_t o, std::size_t k) { return (o * channels + k % channels) * taps + k / channels; };
  for (std::size_t o = 0; o < filters; ++o) {
    for (std::size_t k = 0; k < inputs; ++k)
      scores[at(o, k)] = static_cast<float>(std::fabs(layer.weights[o * inputs + k]));
  }
  const Mask mask = choose_mask({scores, layer.dims}, pattern, sparsity).value();
  double changed = 0, whole = 0;
  for (std::size_t o = 0; o < filters; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t j = 0; j < inputs; ++j) {
        const double a = layer.weights[o * inputs + i], b = layer.weights[o * inputs + j];
        const double h = layer.covariance[i * inputs + j];
        whole += a * h * b;
        if (mask[at(o, i)] == 0 && mask[at(o, j)] == 0) changed += a * h * b;
      }
    }
  }
  return changed / whole;
}

TEST(Obs, BetterThanTakingTheSmallestWeights) {
  const WeightDims dims{24, 148, 2};
  const ObsLayer layer = large_layer(dims);
  for (const SparsePattern pattern : {SparsePattern::kUnstructured, SparsePattern::kBlock4, SparsePattern::k2x4,
                                      SparsePattern::k4x4, SparsePattern::kTwoOfFour}) {
    SCOPED_TRACE(name_of(pattern));
    const ObsResult result = pruned(layer, pattern, 0.5);
    EXPECT_NEAR(static_cast<double>(std::ranges::count(result.weights, 0.0)) / static_cast<double>(dims.size()), 0.5,
                0.01);
    EXPECT_LT(result.error, 0.6 * magnitude_error(layer, pattern, 0.5));
    EXPECT_GT(result.error, 0);
  }
}

// The same zeros, solved for from the weights as they were.
TEST(Obs, WhatIsKeptIsSolvedFor) {
  const ObsLayer layer = small_layer({3, 6, 2});
  const ObsResult expected = pruned(layer, SparsePattern::kBlock4, 0.5);
  std::vector<std::uint8_t> kept;
  for (const double weight : expected.weights) kept.push_back(weight == 0 ? 0 : 1);
  ThreadPool pool(2);
  expect_numbers(solve_kept(layer, kept, pool), expected.weights, expected.error);
}

// H + damping, and a goal that other weights have there: these come out where nothing has to go.
TEST(Obs, WeightsMoveToTheGoal) {
  ObsLayer layer = small_layer({3, 6, 2});
  const std::vector<double> wanted = small_layer({3, 6, 2}).weights;
  constexpr std::size_t kInputs = 12;
  for (std::size_t o = 0; o < 3; ++o) {
    for (std::size_t k = 0; k < kInputs; ++k) {
      double sum = 0;
      for (std::size_t j = 0; j < kInputs; ++j) sum += wanted[o * kInputs + j] * layer.covariance[j * kInputs + k];
      layer.goal.push_back(sum);
    }
  }
  for (double& weight : layer.weights) weight += 0.5;
  const ObsResult result = pruned(layer, SparsePattern::kUnstructured, 0);
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(result.weights[i], wanted[i], 1e-5) << i;
  // Damping keeps them where they were.
  for (std::size_t k = 0; k < kInputs; ++k) layer.covariance[k * kInputs + k] += 1e6;
  layer.damping = 1e6;
  const ObsResult damped = pruned(layer, SparsePattern::kUnstructured, 0);
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(damped.weights[i], layer.weights[i], 1e-4) << i;
}

TEST(Obs, TheSameForAnyNumberOfThreads) {
  const ObsLayer layer = large_layer({20, 40, 3});
  EXPECT_EQ(pruned(layer, SparsePattern::k4x4, 0.7, 1).weights, pruned(layer, SparsePattern::k4x4, 0.7, 3).weights);
}

TEST(Obs, NothingAndAll) {
  const ObsLayer layer = small_layer({4, 8, 1});
  EXPECT_EQ(pruned(layer, SparsePattern::k4x4, 0).weights, layer.weights);
  EXPECT_EQ(pruned(layer, SparsePattern::k4x4, 1).weights, std::vector<double>(32, 0));
}

TEST(Obs, NumbersThatAreNotFiniteAreRefused) {
  ObsLayer layer = small_layer({4, 8, 1});
  layer.weights[3] = std::numeric_limits<double>::quiet_NaN();
  ThreadPool pool(1);
  EXPECT_FALSE(prune_by_obs(layer, SparsePattern::kBlock4, 0.5, pool).ok());
}

}  // namespace
}  // namespace saker::sparsify
