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
          EXPECT_EQ(jobs.begin(0), 0);
          EXPECT_EQ(jobs.begin(jobs.chunks), extent);
          for (std::int64_t chunk = 0; chunk < jobs.chunks; ++chunk) {
            EXPECT_EQ(jobs.begin(chunk) % unit, 0);
            EXPECT_LT(jobs.begin(chunk), jobs.begin(chunk + 1));
            EXPECT_LE(jobs.begin(chunk + 1) - jobs.begin(chunk), jobs.longest());
          }
          EXPECT_GE(jobs.block_parts, 1);
          EXPECT_LE(jobs.block_parts, 4);
        }
      }
    }
  }
}

TEST(ConvJobs, ThreadsGetEqualParts) {
  const ConvJobs rows = cut_conv({40, 1, 40, 1, 4, 1000, 2});
  EXPECT_EQ(rows.begin(rows.chunks / 2), 20);
  const ConvJobs pixels = cut_conv({2704, 6, 2704, 1, 4, 1000, 2});
  EXPECT_NEAR(static_cast<double>(pixels.begin(pixels.chunks / 2)), 1352, 6);
}

TEST(ConvJobs, ShortLayersAreCutIntoFewerJobs) {
  EXPECT_EQ(jobs_per_thread(1e9, 2), 8);
  EXPECT_EQ(jobs_per_thread(400'000, 2), 4);
  EXPECT_EQ(jobs_per_thread(400'000, 64), 2);
  EXPECT_EQ(jobs_per_thread(0, 1), 2);
  ConvShape rows;
  rows.out_h = 13;
  EXPECT_EQ(jobs_of_rows(1e9, rows, 1), 1);
  EXPECT_EQ(jobs_of_rows(400'000, rows, 2), 8);
  EXPECT_EQ(jobs_of_rows(1e9, rows, 2), 13);
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
