// The decoding of boxes against its definition, over random strides.
#include "kernels/decode/decode.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// Strides of rows of `width` floats, some operands the same for all positions of an axis.
void lay_out(Random& random, LoopNest& rows, int operand, std::int64_t width, bool may_repeat) {
  std::int64_t step = width + random.between(0, 3);
  for (int axis = rows.rank; axis-- > 0;) {
    const bool repeats = may_repeat && random.chance(40);
    rows.strides[operand][axis] = repeats ? 0 : step;
    if (!repeats) step *= rows.extents[axis];
  }
}

std::int64_t span(const LoopNest& rows, int operand, std::int64_t width) {
  std::int64_t last = 0;
  for (int axis = 0; axis < rows.rank; ++axis) last += (rows.extents[axis] - 1) * rows.strides[operand][axis];
  return last + width;
}

void check(Random& random) {
  DecodeArgs args;
  LoopNest& rows = args.rows;
  rows.operands = 5;
  rows.rank = static_cast<int>(random.between(0, 3));
  for (int axis = 0; axis < rows.rank; ++axis) rows.extents[axis] = random.between(1, 5);
  args.n = random.between(1, 20);
  args.k = random.between(0, std::min<std::int64_t>(args.n, 9));
  std::vector<std::vector<float>> operands;
  for (int k = 0; k < rows.operands; ++k) {
    const std::int64_t width = k < 2 ? args.n : args.k;
    lay_out(random, rows, k, width, k >= 2);
    operands.push_back(random.numbers(span(rows, k, width)));
  }
  GuardedFloats y(static_cast<std::int64_t>(operands[1].size()));
  args.x = operands[0].data(), args.y = y.data();
  args.a = operands[2].data(), args.b = operands[3].data(), args.c = operands[4].data();
  const std::int64_t runs = rows.elements() / rows.extent_or_one(std::max(rows.rank - 1, 0));
  const std::int64_t cut = random.between(0, runs);
  decode_boxes(args, 0, cut);
  decode_boxes(args, cut, runs);
  for (std::int64_t row = 0; row < rows.elements(); ++row) {
    std::int64_t at[LoopNest::kMaxOperands];
    rows.offsets_at(row, rows.rank, at);
    for (std::int64_t i = 0; i < args.n; ++i) {
      const float x = args.x[at[0] + i];
      const float expected = i < args.k ? (args.a[at[2] + i] * x + args.b[at[3] + i]) * x + args.c[at[4] + i] : x;
      ASSERT_NEAR(args.y[at[1] + i], expected, 1e-6) << "row " << row << " value " << i << " of " << args.n;
    }
  }
}

TEST(Decode, RandomShapes) {
  Random random(91);
  for (int i = 0; i < 500 && !testing::Test::HasFatalFailure(); ++i) check(random);
}

}  // namespace
}  // namespace saker
