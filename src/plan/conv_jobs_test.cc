// How convolutions are cut: everything is covered, threads have enough to do.
#include "plan/conv_jobs.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(ConvJobs, CoverTheExtentInWholeUnits) {
  for (const std::int64_t extent : {1, 13, 169, 400, 6400}) {
    for (const std::int64_t unit : {1, 6, 20}) {
      for (const std::int64_t bytes : {1000, 4'000'000}) {
        for (const int threads : {1, 2, 16}) {
          const ConvJobs jobs = cut_conv({extent, unit, 100, 1, 4, bytes, threads});
          EXPECT_EQ(jobs.chunk % unit, 0);
          EXPECT_GE(jobs.chunks * jobs.chunk, extent);
          EXPECT_LT((jobs.chunks - 1) * jobs.chunk, extent);
          EXPECT_GE(jobs.block_parts, 1);
          EXPECT_LE(jobs.block_parts, 4);
        }
      }
    }
  }
}

TEST(ConvJobs, OneThreadWalksLargeWeightsOnce) {
  EXPECT_EQ(cut_conv({400, 20, 100, 1, 4, 4'000'000, 1}).chunks, 1);
  EXPECT_EQ(cut_conv({400, 20, 100, 1, 4, 1000, 1}).chunks, 4);  // small ones stay cached: chunks of the input instead
}

TEST(ConvJobs, BlocksAreCutOnlyWhereRowsAreTooFew) {
  EXPECT_EQ(cut_conv({400, 20, 100, 1, 4, 4'000'000, 2}).block_parts, 1);
  EXPECT_EQ(cut_conv({400, 20, 100, 1, 4, 4'000'000, 16}).block_parts, 4);
  EXPECT_EQ(cut_conv({400, 20, 100, 16, 4, 4'000'000, 16}).block_parts, 1);  // sixteen pictures
}

}  // namespace
}  // namespace saker
