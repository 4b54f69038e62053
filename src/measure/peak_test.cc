#include "measure/peak.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "measure/protocol.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

TEST(Peak, IsOfWhatALayerMultipliesWith) {
  EXPECT_EQ(arithmetic_of(nullptr), Arithmetic::kFloat32);
  EXPECT_EQ(arithmetic_of(&kConvWinograd), Arithmetic::kFloat32);
  EXPECT_EQ(arithmetic_of(&kConvBf16), Arithmetic::kBf16);
  EXPECT_EQ(arithmetic_of(&kConvBf16Tiles), Arithmetic::kBf16Tiles);
  EXPECT_EQ(arithmetic_of(&kConvInt8Tiles), Arithmetic::kInt8Tiles);
  for (const ConvMethod* method : {&kConvInt8Direct, &kConvInt8Pairs, &kConvInt8Winograd, &kConvInt8Sparse})
    EXPECT_EQ(arithmetic_of(method), Arithmetic::kInt8);
}

TEST(Peak, IsMeasuredWhereTheLevelHasTheInstruction) {
  for (const Isa isa : named_isas()) {
    if (!isa_supported(isa)) continue;
    const std::vector<Peak> peaks = all_peaks(isa, 1);
    const auto has = [&](Arithmetic arithmetic) {
      return std::ranges::count(peaks, arithmetic_name(arithmetic), &Peak::arithmetic) == 1;
    };
    EXPECT_TRUE(has(Arithmetic::kFloat32)) << isa_name(isa);
    EXPECT_EQ(has(Arithmetic::kInt8), isa.level != Isa::kBaseline) << isa_name(isa);
    EXPECT_EQ(has(Arithmetic::kBf16), isa.has(Isa::kBf16)) << isa_name(isa);
    for (const Peak& peak : peaks) EXPECT_GT(peak.gflops, 0) << isa_name(isa) << " " << peak.arithmetic;
  }
}

TEST(Peak, GivesALayerItsFloor) {
  const LayerTimes times{{{"a", "k", "int8", {}, 2, 4e6, 0}, {"b", "k", "bf16", {}, 2, 4e6, 0}},
                         {{"float32", 1}, {"int8", 4}}};
  EXPECT_DOUBLE_EQ(times.floor_ms(times.layers[0]), 1);
  EXPECT_EQ(times.floor_ms(times.layers[1]), 0);  // not known
  EXPECT_EQ(peaks_text(times.peaks), "1 GFLOP/s float32, 4 int8");
}

TEST(Peak, GoesOverThePipe) {
  const LayerTimes times{{{"a", "k", "int8", {1, 2}, 2, 4e6, 5}}, {{"int8", 4}}};
  const auto back = nlohmann::json(times).get<LayerTimes>();
  EXPECT_TRUE(makes_sense(back));
  EXPECT_EQ(back.layers[0].arithmetic, "int8");
  EXPECT_EQ(back.layers[0].output, (Shape{1, 2}));
  EXPECT_DOUBLE_EQ(back.floor_ms(back.layers[0]), 1);
  // From before there were peaks.
  const auto old = nlohmann::json::parse(
                       R"({"layers": [{"name": "a", "kernel": "k", "output": [1], "ms": 1, "flops": 2, "bytes": 3}],
                           "peak_gflops": 7})")
                       .get<LayerTimes>();
  EXPECT_TRUE(makes_sense(old));
  EXPECT_EQ(old.floor_ms(old.layers[0]), 0);
  EXPECT_FALSE(makes_sense(LayerTimes{{}, {{"int8", -1}}}));
}

}  // namespace
}  // namespace saker
