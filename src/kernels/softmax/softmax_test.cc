// The softmax kernels of every ISA level against the formula.
#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// One softmax at src[0], src[step], ...: each y_i = e_i / sum. Errors: two exps (rounding of the
// difference included), n additions, a division and a product, all relative to y_i; and n elements
// whose exponent was clamped.
testing::AssertionResult is_softmax(std::int64_t n, const float* src, std::int64_t src_step, const float* dst,
                                    std::int64_t dst_step) {
  std::vector<float> expected(static_cast<std::size_t>(n));
  softmax_reference(n, src, src_step, expected.data(), 1);
  double highest = static_cast<double>(src[0]);
  double widest = 0;
  for (std::int64_t i = 0; i < n; ++i) highest = std::max(highest, static_cast<double>(src[i * src_step]));
  for (std::int64_t i = 0; i < n; ++i)
    widest = std::max(widest, std::min(highest - static_cast<double>(src[i * src_step]), 88.0));
  for (std::int64_t i = 0; i < n; ++i) {
    const double y = static_cast<double>(expected[static_cast<std::size_t>(i)]);
    const double relative = 2 * (exp_error(widest) + kUnit * widest) + static_cast<double>(n + 4) * kUnit;
    const double bound = relative * y + static_cast<double>(n + 1) * 0x1p-125;
    const double got = static_cast<double>(dst[i * dst_step]);
    if (std::fabs(got - y) <= bound) continue;
    return testing::AssertionFailure() << "element " << i << " of " << n << ": " << got << " instead of " << y;
  }
  return testing::AssertionSuccess();
}

TEST(Softmax, RowsOfEveryLength) {
  Random random(41);
  for (const Isa isa : isas()) {
    const SoftmaxKernel& kernel = kernels_for(isa).softmax;
    for (std::int64_t n = 1; n <= 100; ++n) {
      const float range = n % 3 == 0 ? 100.0F : 5.0F;
      const GuardedFloats src(random.numbers(n, -range, range));
      GuardedFloats dst(n);
      kernel.row(n, src.data(), dst.data());
      ASSERT_TRUE(is_softmax(n, src.data(), 1, dst.data(), 1)) << kernel.name.text();
    }
  }
}

TEST(Softmax, ColumnsWithGaps) {
  Random random(42);
  for (const Isa isa : isas()) {
    const SoftmaxKernel& kernel = kernels_for(isa).softmax;
    for (std::int64_t columns = 1; columns <= 40; ++columns) {
      const std::int64_t n = random.between(1, 20);
      const std::int64_t src_step = columns + random.between(0, 5);
      const std::int64_t dst_step = columns + random.between(0, 5);
      const GuardedFloats src(random.numbers((n - 1) * src_step + columns, -9, 9));
      GuardedFloats dst((n - 1) * dst_step + columns);
      kernel.columns(n, columns, src.data(), src_step, dst.data(), dst_step);
      for (std::int64_t c = 0; c < columns; ++c)
        ASSERT_TRUE(is_softmax(n, src.data() + c, src_step, dst.data() + c, dst_step)) << kernel.name.text();
      for (std::size_t i = 0; i < dst.size(); ++i) {
        if (static_cast<std::int64_t>(i) % dst_step >= columns) {
          ASSERT_TRUE(is_sentinel(dst[i])) << kernel.name.text();
        }
      }
    }
  }
}

TEST(Softmax, ExpectationsOfEveryLength) {
  Random random(33);
  for (std::int64_t n = 1; n <= 70; ++n) {
    const std::int64_t rows = random.between(1, 40), src_step = n + random.between(0, 5),
                       dst_step = random.between(1, 3);
    const GuardedFloats src(random.numbers((rows - 1) * src_step + n, -9, 9)), weights(random.numbers(n));
    for (const Isa isa : isas()) {
      const SoftmaxKernel& kernel = kernels_for(isa).softmax;
      GuardedFloats dst((rows - 1) * dst_step + 1);
      kernel.expectations(n, rows, weights.data(), src.data(), src_step, dst.data(), dst_step);
      for (std::int64_t r = 0; r < rows; ++r) {
        std::vector<float> p(static_cast<std::size_t>(n));
        softmax_reference(n, src.data() + r * src_step, 1, p.data(), 1);
        double expected = 0, magnitude = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
          expected += static_cast<double>(p[i]) * static_cast<double>(weights[i]);
          magnitude += std::fabs(static_cast<double>(p[i]) * static_cast<double>(weights[i]));
        }
        // As is_softmax, and the additions of the weighted sum.
        const double bound = magnitude * (2e-6 + 8 * kUnit * 18 + 2 * (static_cast<double>(n) + 4) * kUnit);
        ASSERT_NEAR(static_cast<double>(dst[static_cast<std::size_t>(r * dst_step)]), expected, bound)
            << kernel.name.text();
      }
      for (std::size_t i = 0; i < dst.size(); ++i) {
        if (static_cast<std::int64_t>(i) % dst_step != 0) {
          ASSERT_TRUE(is_sentinel(dst[i]));
        }
      }
    }
  }
}

TEST(Softmax, ExtremeInputs) {
  const std::vector<std::vector<float>> rows = {{1e30F, -1e30F, 0},
                                                {-1e30F, -1e30F, -1e30F, -1e30F, -1e30F},
                                                {3e38F, 3e38F, -3e38F},
                                                {1e-45F, -1e-45F, 0, -0.0F},
                                                {1000, 999, 998, -1000},
                                                {0, -200, -100, -87, -88, -89, -126},
                                                {42}};
  for (const Isa isa : isas()) {
    const SoftmaxKernel& kernel = kernels_for(isa).softmax;
    for (const auto& row : rows) {
      const auto n = static_cast<std::int64_t>(row.size());
      std::vector<float> by_row(row.size());
      std::vector<float> by_column(row.size());
      kernel.row(n, row.data(), by_row.data());
      kernel.columns(n, 1, row.data(), 1, by_column.data(), 1);
      EXPECT_TRUE(is_softmax(n, row.data(), 1, by_row.data(), 1)) << kernel.name.text() << " " << row[0];
      EXPECT_TRUE(is_softmax(n, row.data(), 1, by_column.data(), 1)) << kernel.name.text() << " " << row[0];
    }
  }
}

// Masked attention: -inf takes no part.
TEST(Softmax, MinusInfinityIsAMask) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> row = {1, -inf, 2, -inf, 3};
  for (const Isa isa : isas()) {
    std::vector<float> y(row.size());
    kernels_for(isa).softmax.row(5, row.data(), y.data());
    EXPECT_TRUE(is_softmax(5, row.data(), 1, y.data(), 1));
  }
}

}  // namespace
}  // namespace saker
