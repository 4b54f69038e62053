// Strided copies and the loop nests they run over.
#include "kernels/copy/copy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// Destination strides of a random order with gaps; the other operands' likewise, some broadcast.
LoopNest random_nest(Random& random, int operands) {
  LoopNest nest;
  nest.operands = operands;
  nest.rank = static_cast<int>(random.between(0, 6));
  for (int i = 0; i < nest.rank; ++i) nest.extents[i] = random.chance(20) ? 1 : random.between(1, 5);
  for (int k = 0; k < operands; ++k) {
    std::vector<int> order(static_cast<std::size_t>(nest.rank));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) {
      if (random.chance(40))
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
    }
    std::int64_t step = random.chance(80) ? 1 : 2;
    for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
      nest.strides[k][*axis] = k > 0 && random.chance(15) ? 0 : step;
      step *= nest.extents[*axis];
      if (random.chance(15)) step += random.between(1, 3);
    }
  }
  return nest;
}

std::int64_t span(const LoopNest& nest, int operand) {
  std::int64_t last = 0;
  for (int i = 0; i < nest.rank; ++i) last += (nest.extents[i] - 1) * nest.strides[operand][i];
  return last + 1;
}

using Offsets = std::vector<std::vector<std::int64_t>>;

// Every iteration's offsets, sorted.
Offsets iterations(const LoopNest& nest) {
  Offsets all;
  for (std::int64_t i = 0; i < nest.elements(); ++i) {
    std::int64_t offsets[LoopNest::kMaxOperands];
    nest.offsets_at(i, nest.rank, offsets);
    all.emplace_back(offsets, offsets + nest.operands);
  }
  std::ranges::sort(all);
  return all;
}

TEST(LoopNest, SimplifyingKeepsTheIterations) {
  Random random(71);
  for (int round = 0; round < 500; ++round) {
    const LoopNest nest = random_nest(random, static_cast<int>(random.between(1, 3)));
    const LoopNest simple = simplified(nest);
    ASSERT_EQ(iterations(nest), iterations(simple));
    ASSERT_LE(simple.rank, nest.rank);
    for (int i = 0; i < simple.rank; ++i) ASSERT_NE(simple.extents[i], 1);
  }
}

TEST(LoopNest, DenseOperandsBecomeOneLoop) {
  LoopNest nest;
  nest.rank = 4;
  const std::int64_t extents[4] = {2, 3, 1, 5};
  const std::int64_t strides[4] = {15, 5, 99, 1};
  for (int i = 0; i < 4; ++i) {
    nest.extents[i] = extents[i];
    nest.strides[0][i] = nest.strides[1][i] = strides[i];
  }
  const LoopNest simple = simplified(nest);
  EXPECT_EQ(simple.rank, 1);
  EXPECT_EQ(simple.extents[0], 30);
  EXPECT_EQ(simple.strides[0][0], 1);
  EXPECT_EQ(simple.extent_or_one(0), 30);
  EXPECT_EQ(simple.extent_or_one(1), 1);
}

TEST(LoopNest, OfNothingButOnesHasOneIteration) {
  LoopNest nest;
  nest.rank = 3;
  for (int i = 0; i < 3; ++i) nest.extents[i] = 1;
  EXPECT_EQ(simplified(nest).rank, 0);
  EXPECT_EQ(simplified(nest).elements(), 1);
}

// Elements of `size` bytes; the two buffers end where memory ends.
void check_copy(Random& random, std::size_t size) {
  const LoopNest nest = simplified(random_nest(random, 2));
  const auto bytes = [&](int operand) { return static_cast<std::size_t>(span(nest, operand)) * size; };
  // Guarded memory is counted in floats: start where exactly the bytes needed are left.
  GuardedFloats src(static_cast<std::int64_t>((bytes(1) + 3) / 4));
  GuardedFloats dst(static_cast<std::int64_t>((bytes(0) + 3) / 4));
  auto* from = reinterpret_cast<std::uint8_t*>(src.data() + src.size()) - bytes(1);
  auto* to = reinterpret_cast<std::uint8_t*>(dst.data() + dst.size()) - bytes(0);
  for (std::size_t i = 0; i < bytes(1); ++i) from[i] = static_cast<std::uint8_t>(random.between(0, 255));
  std::vector<std::uint8_t> expected(to, to + bytes(0));
  const std::int64_t extent = nest.extent_or_one(0);
  const std::int64_t first = nest.rank == 0 ? 0 : random.between(0, extent);
  const std::int64_t last = nest.rank == 0 ? 1 : random.between(first, extent);
  for (std::int64_t i = 0; i < nest.elements(); ++i) {
    const std::int64_t row = i / (nest.elements() / extent);
    if (row < first || row >= last) continue;
    std::int64_t offsets[LoopNest::kMaxOperands];
    nest.offsets_at(i, nest.rank, offsets);
    std::memcpy(expected.data() + static_cast<std::size_t>(offsets[0]) * size,
                from + static_cast<std::size_t>(offsets[1]) * size, size);
  }
  copy_strided(nest, size, from, to, first, last);
  ASSERT_EQ(std::vector<std::uint8_t>(to, to + bytes(0)), expected) << "elements of " << size << " bytes";
}

TEST(Copy, EverySizeAndAnyStrides) {
  Random random(72);
  for (int round = 0; round < 2000 && !testing::Test::HasFatalFailure(); ++round) {
    for (const std::size_t size : {1U, 2U, 4U, 8U}) check_copy(random, size);
  }
}

TEST(Copy, LargeTransposes) {
  for (const auto& [rows, columns] : {std::pair{33, 70}, std::pair{1, 100}, std::pair{100, 1}, std::pair{16, 16}}) {
    LoopNest nest;
    nest.rank = 2;
    nest.extents[0] = rows, nest.extents[1] = columns;
    nest.strides[0][0] = columns, nest.strides[0][1] = 1;
    nest.strides[1][0] = 1, nest.strides[1][1] = rows;
    std::vector<std::int32_t> src(static_cast<std::size_t>(rows * columns));
    std::vector<std::int32_t> dst(src.size(), -1);
    std::iota(src.begin(), src.end(), 0);
    const LoopNest simple = simplified(nest);
    copy_strided(simple, 4, src.data(), dst.data(), 0, simple.extent_or_one(0));
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) ASSERT_EQ(dst[static_cast<std::size_t>(r * columns + c)], c * rows + r);
    }
  }
}

}  // namespace
}  // namespace saker
