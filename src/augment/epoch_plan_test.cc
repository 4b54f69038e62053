#include "augment/epoch_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace saker::augment {
namespace {

std::vector<std::int32_t> sorted(std::vector<std::int32_t> order) {
  std::sort(order.begin(), order.end());
  return order;
}

TEST(EpochPlan, ShufflesEachEpochOtherwiseAndTheSameAgain) {
  LoaderOptions options;
  options.batch = 8;
  const EpochPlan first = plan_epoch(options, 100, nullptr, 0), second = plan_epoch(options, 100, nullptr, 1);
  EXPECT_EQ(first.sizes.size(), 13U);
  EXPECT_NE(first.order, second.order);
  EXPECT_EQ(sorted(first.order), sorted(second.order));
  EXPECT_EQ(first.order, plan_epoch(options, 100, nullptr, 0).order);
  options.seed = 1;
  EXPECT_NE(first.order, plan_epoch(options, 100, nullptr, 0).order);
  EXPECT_EQ(first.sizes[0].width, 640);
}

TEST(EpochPlan, DrawsSizesOfBatchesInSteps) {
  LoaderOptions options;
  options.batch = 1;
  options.multi_scale = 0.5;
  std::map<int, int> counts;
  for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
    for (const ImageSize size : plan_epoch(options, 210, nullptr, epoch).sizes) {
      EXPECT_EQ(size.width, size.height);
      ++counts[size.width];
    }
  }
  EXPECT_EQ(counts.size(), 21U);  // 320, 352 ... 960
  EXPECT_EQ(counts.begin()->first, 320);
  EXPECT_EQ(counts.rbegin()->first, 960);
  for (const auto& [size, count] : counts) {
    EXPECT_EQ(size % 32, 0);
    EXPECT_NEAR(count, 200, 70) << size;
  }
  options.multi_scale_every = 10;
  const std::vector<ImageSize> sizes = plan_epoch(options, 210, nullptr, 0).sizes;
  std::set<int> different;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(sizes[i].width, sizes[i / 10 * 10].width);
    different.insert(sizes[i].width);
  }
  EXPECT_GT(different.size(), 8U);
}

TEST(EpochPlan, PutsPicturesOfLikeShapesTogether) {
  LoaderOptions options;
  options.batch = 2;
  options.rect = true;
  const std::vector<double> aspects = {2, 0.5, 1.5, 0.75, 1, 0.9, 1.6};
  const RectBatches rect = rect_batches(aspects, 2);
  EXPECT_EQ(rect.order, (std::vector<std::int32_t>{1, 3, 5, 4, 2, 6, 0}));
  std::set<std::vector<std::int32_t>> orders;
  for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
    const EpochPlan plan = plan_epoch(options, 7, &rect, epoch);
    ASSERT_EQ(plan.sizes.size(), 4U);
    EXPECT_EQ(sorted(plan.order), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(plan.order.back(), 0);  // alone in the last batch
    EXPECT_EQ(plan.sizes.back().width, 320);
    EXPECT_EQ(plan.sizes.back().height, 640);
    for (std::size_t i = 0; i < 3; ++i) {
      const ImageSize size = plan.sizes[i];
      switch (plan.order[2 * i]) {
        case 1:
          EXPECT_TRUE(size.width == 640 && size.height == 480);
          break;  // 0.5 and 0.75
        case 5:
          EXPECT_TRUE(size.width == 640 && size.height == 640);
          break;  // 0.9 and 1
        case 2:
          EXPECT_TRUE(size.width == 448 && size.height == 640);
          break;  // 1 / 1.5, up to the stride
        default:
          ADD_FAILURE() << "batches are cut elsewhere";
      }
    }
    orders.insert(plan.order);
  }
  EXPECT_GT(orders.size(), 3U);
}

}  // namespace
}  // namespace saker::augment
