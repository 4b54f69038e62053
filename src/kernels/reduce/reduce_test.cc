// The reductions of every ISA level against the plain loops.
#include "kernels/reduce/reduce.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"

namespace saker {
namespace {

TEST(Reduce, EveryLengthAtTheEdgeOfMemory) {
  Random random(51);
  for (const Isa isa : isas()) {
    const ReduceKernel& kernel = kernels_for(isa).reduce;
    for (std::int64_t n = 1; n <= 300; ++n) {
      const GuardedFloats src(random.numbers(n));
      const std::vector<float> positive = magnitudes({src.data(), src.data() + src.size()});
      const double bound =
          static_cast<double>(n) * kUnit * static_cast<double>(reduce_reference(ReduceKind::kSum, n, positive.data()));
      EXPECT_NEAR(kernel.row(ReduceKind::kSum, n, src.data()), reduce_reference(ReduceKind::kSum, n, src.data()), bound)
          << kernel.name.text() << " " << n;
      EXPECT_EQ(kernel.row(ReduceKind::kMax, n, src.data()), reduce_reference(ReduceKind::kMax, n, src.data()))
          << kernel.name.text() << " " << n;
    }
  }
}

TEST(Reduce, ExtremeInputs) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> low(37, -3e38F);
  std::vector<float> one_high = low;
  for (const Isa isa : isas()) {
    const ReduceKernel& kernel = kernels_for(isa).reduce;
    EXPECT_EQ(kernel.row(ReduceKind::kMax, 37, low.data()), -3e38F);
    EXPECT_EQ(kernel.row(ReduceKind::kSum, 37, low.data()), -inf);
    for (std::size_t i = 0; i < low.size(); ++i) {
      one_high = low;
      one_high[i] = -1e-45F;
      EXPECT_EQ(kernel.row(ReduceKind::kMax, 37, one_high.data()), -1e-45F);
    }
  }
}

}  // namespace
}  // namespace saker
