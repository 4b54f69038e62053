// Views: strides under reshape, transpose, slice and broadcast.
#include "plan/view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <random>

namespace saker {
namespace {

// Offsets of all elements in row-major order of the shape.
std::vector<std::int64_t> offsets_of(const Shape& shape, const Shape& strides) {
  std::vector<std::int64_t> offsets = {0};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::vector<std::int64_t> next;
    for (const std::int64_t base : offsets) {
      for (std::int64_t k = 0; k < shape[i]; ++k) next.push_back(base + k * strides[i]);
    }
    offsets = std::move(next);
  }
  return offsets;
}

PlanView view_with(const Shape& shape, const Shape& strides) {
  return {0, 0, DType::kFloat32, shape, strides};
}

// Random factorisations of 48, dense, transposed or with gaps.
TEST(ReshapedStrides, NameTheSameElementsOrNone) {
  std::mt19937 engine(1);
  const std::vector<Shape> shapes = {{48},         {6, 8},          {2, 3, 8},     {1, 48, 1}, {4, 1, 12},
                                     {2, 2, 2, 6}, {3, 16},         {1, 6, 1, 8},  {2, 24},    {8, 6},
                                     {4, 3, 4},    {2, 1, 3, 2, 4}, {1, 1, 1, 48}, {16, 3},    {48, 1, 1, 1}};
  int found = 0;
  for (const Shape& from : shapes) {
    for (const Shape& to : shapes) {
      for (int round = 0; round < 30; ++round) {
        Order order = row_major(from.size());
        if (round % 3 != 0) std::ranges::shuffle(order, engine);
        Shape strides = strides_by_order(from, order);
        if (round % 2 == 1) strides[order[0]] += 5;
        const auto result = reshaped_strides(from, strides, to);
        if (from == to) {
          ASSERT_TRUE(result.has_value());
        }
        if (!result) continue;
        ++found;
        ASSERT_EQ(offsets_of(to, *result), offsets_of(from, strides)) << to_string(from) << " to " << to_string(to);
      }
    }
  }
  EXPECT_GT(found, 1000);
}

TEST(ReshapedStrides, DenseAlwaysWorks) {
  for (const Shape& to : {Shape{24}, Shape{2, 12}, Shape{2, 3, 4}, Shape{1, 4, 1, 6, 1}, Shape{24, 1}}) {
    EXPECT_EQ(offsets_of(to, reshaped_strides({4, 6}, {6, 1}, to).value()), offsets_of({24}, {1}));
  }
  EXPECT_TRUE(reshaped_strides({}, {}, {1, 1}).has_value());
  EXPECT_TRUE(reshaped_strides({1}, {7}, {}).has_value());
  EXPECT_TRUE(reshaped_strides({0, 3}, {3, 1}, {5, 0, 2}).has_value());
  EXPECT_FALSE(reshaped_strides({4, 6}, {1, 4}, {24}).has_value());
}

TEST(ReshapedStrides, BroadcastAxesMergeWithEachOtherOnly) {
  EXPECT_EQ(reshaped_strides({2, 3}, {0, 0}, {6}).value(), (Shape{0}));
  EXPECT_FALSE(reshaped_strides({2, 3}, {0, 1}, {6}).has_value());
}

TEST(Orders, StridesAndBack) {
  EXPECT_EQ(channels_last(4), (Order{0, 2, 3, 1}));
  EXPECT_EQ(channels_last(2), (Order{0, 1}));
  EXPECT_EQ(row_major(0), Order{});
  const Shape shape = {2, 3, 4, 5};
  Order order = row_major(4);
  do {
    EXPECT_EQ(order_of(shape, strides_by_order(shape, order)), order);
  } while (std::ranges::next_permutation(order).found);
}

TEST(Views, SliceTransposeBroadcast) {
  const PlanView view = view_with({2, 3, 4}, {12, 4, 1});
  const PlanView part = sliced(view, 1, 1, 2);
  EXPECT_EQ(part.offset, 4);
  EXPECT_EQ(part.shape, (Shape{2, 2, 4}));
  const PlanView every_other = sliced(view, 2, 1, 2, 2);
  EXPECT_EQ(every_other.offset, 1);
  EXPECT_EQ(every_other.strides, (Shape{12, 4, 2}));
  const PlanView turned = permuted(view, {2, 0, 1});
  EXPECT_EQ(turned.shape, (Shape{4, 2, 3}));
  EXPECT_EQ(turned.strides, (Shape{1, 12, 4}));
  const PlanView wide = broadcast_to(view_with({3, 1}, {1, 1}), {2, 3, 4});
  EXPECT_EQ(wide.strides, (Shape{0, 1, 0}));
}

TEST(Views, Predicates) {
  EXPECT_TRUE(is_dense({2, 3}, {3, 1}));
  EXPECT_TRUE(is_dense({}, {}));
  EXPECT_TRUE(is_dense({1, 3}, {77, 1}));
  EXPECT_FALSE(is_dense({2, 3}, {1, 2}));
  EXPECT_TRUE(channels_innermost(view_with({1, 3, 4, 5}, {60, 1, 15, 3})));
  EXPECT_TRUE(channels_innermost(view_with({1, 1, 4, 5}, {20, 20, 5, 1})));
  EXPECT_FALSE(channels_innermost(view_with({1, 3, 4, 5}, {60, 20, 5, 1})));
  EXPECT_FALSE(channels_innermost(view_with({3, 4, 5}, {20, 1, 4})));
}

}  // namespace
}  // namespace saker
