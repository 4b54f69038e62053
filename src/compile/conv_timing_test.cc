// What is measured of a layer, not how long it takes.
#include "compile/conv_timing.h"

#include <gtest/gtest.h>

#include "plan/conv_key.h"
#include "support/compiled.h"

namespace saker {
namespace {

Result<std::vector<ConvTiming>> timings_of(const char* key, const PlanOptions& options) {
  const ConvNode layer = parse_conv_key(key).value();
  return time_conv_methods(layer, usable_conv_methods(options, layer), options, 0);
}

TEST(ConvTiming, EveryUsableMethodInTheSameRounds) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> cases = {
      {"8x9x7 to 12, 3x3 stride 1 pad 1 silu", {"winograd", "direct"}},
      {"8x9x7 to 12, 3x3 stride 2 pad 1", {"winograd_stride2", "direct"}},
      {"8x9x7 to 12, 3x3 stride 3 pad 1", {"direct"}},
      {"3x12x10 to 8, 3x3 stride 1 pad 1", {"winograd", "direct"}},
      {"2x24x5x5 to 24, 5x5 stride 1 pad 2 groups 24 relu", {"depthwise", "direct"}}};
  for (const Isa isa : usable_isas()) {
    for (const int threads : {1, 2}) {
      PlanOptions options;
      options.isa = isa;
      options.threads = threads;
      for (const auto& [key, methods] : cases) {
        const auto timings = timings_of(key, options);
        ASSERT_TRUE(timings.ok()) << timings.error().message;
        std::vector<std::string> names;
        for (const ConvTiming& timing : *timings) {
          names.emplace_back(timing.method->name);
          EXPECT_EQ(timing.round_ms.size(), timings->front().round_ms.size());
          EXPECT_GE(timing.round_ms.size(), 5U);
          EXPECT_GT(timing.ms(), 0);
        }
        EXPECT_EQ(names, methods) << key;
      }
    }
  }
}

TEST(ConvTiming, LowMemoryLeavesWinogradOut) {
  PlanOptions options;
  options.low_memory = true;
  EXPECT_EQ(timings_of("8x9x7 to 12, 3x3 stride 1 pad 1", options)->size(), 1U);
}

// Four times the weights: only where they are used often enough.
TEST(ConvTiming, LargeWeightsOfStrideTwoNeedLargeMaps) {
  const auto methods = [](const char* key, Isa isa) {
    PlanOptions options;
    options.isa = isa;
    return usable_conv_methods(options, parse_conv_key(key).value()).size();
  };
  for (const Isa isa : usable_isas()) {
    if (isa == Isa::kBaseline) continue;  // its products are so slow that saving them always pays
    EXPECT_EQ(methods("128x40x40 to 256, 3x3 stride 2 pad 1", isa), 1U);
    EXPECT_EQ(methods("128x80x80 to 256, 3x3 stride 2 pad 1", isa), 2U);
  }
}

TEST(ConvTiming, WhatNoMethodRunsIsAnError) {
  const auto timings = timings_of("4x20x20 to 4, 12x12 stride 1 pad 0", {});  // 144 taps
  ASSERT_FALSE(timings.ok());
  EXPECT_EQ(timings.error().code, ErrorCode::kUnsupported);
}

TEST(ConvTiming, MemoryIsLimited) {
  PlanOptions options;
  options.max_bytes = 10000;
  const auto timings = timings_of("64x20x20 to 64, 3x3 stride 1 pad 1", options);
  ASSERT_FALSE(timings.ok());
  EXPECT_EQ(timings.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace saker
