// The float graph is run at the ISA level that SAKER_ISA names. A program of its own: the variable is read once.
#include "quantize/observed_run.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "support/test_graphs.h"

namespace saker {
namespace {

// Before the first look at it (base/knobs.h).
const bool kIsaSet = ::setenv("SAKER_ISA", "baseline", 1) == 0;

TEST(Observe, HeedsTheIsaThatWasAskedFor) {
  ASSERT_TRUE(kIsaSet);
  GraphBuilder b;
  const ValueId y = b.conv(b.input({1, 3, 8, 8}), 8, {.kernel = 3});
  b.output(y);
  const auto executor = observe(b.graph(), {y}, 1);
  ASSERT_TRUE(executor.ok()) << executor.error().message;
  EXPECT_EQ((*executor)->plan()->isa, Isa::kBaseline);
}

}  // namespace
}  // namespace saker
