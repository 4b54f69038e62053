// Layers in words: written and read back, and what is no layer.
#include "plan/conv_key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/compiled.h"

namespace saker {
namespace {

TEST(ConvKey, WhatIsReadIsWrittenAgain) {
  for (const char* key : {"64x80x80 to 64, 3x3 stride 1 pad 1 silu", "3x640x640 to 16, 6x6 stride 2 pad 2 silu",
                          "2x8x5x7 to 12, 1x3 stride 1x2 pad 0x1 dilation 1x2", "16x9x9 to 1, 1x1 stride 1 pad 0",
                          "32x20x20 to 32, 5x5 stride 1 pad 2 groups 32 relu",
                          "16x8x8 to 32, 3x3 stride 1 pad 2 dilation 2 groups 4 hard_swish"}) {
    const auto conv = parse_conv_key(key);
    ASSERT_TRUE(conv.ok()) << conv.error().message;
    EXPECT_EQ(conv_key(*conv), key);
  }
}

TEST(ConvKey, ExtentsAreThoseOfOneGroup) {
  const ConvNode conv = parse_conv_key("2x8x5x7 to 12, 1x3 stride 1x2 pad 0x1 groups 4 silu").value();
  const ConvShape& s = conv.shape;
  EXPECT_EQ((std::vector<std::int64_t>{s.batch, s.in_c, s.in_h, s.in_w, s.out_c, s.out_h, s.out_w}),
            (std::vector<std::int64_t>{2, 2, 5, 7, 3, 5, 4}));
  EXPECT_EQ(conv.groups, 4);
  EXPECT_EQ(conv.activation.kind, ActivationKind::kSilu);
}

TEST(ConvKey, WhatIsNoLayerIsAnError) {
  for (const char* text :
       {"", "64x80x80", "64x80 to 64, 3x3 stride 1 pad 1", "1x1x64x80x80 to 64, 3x3 stride 1 pad 1",
        "64x80x80 to 64, 3x3 stride 1 pad 1 sil", "64x80x80 to 64, 3x3 stride 1 pad 1 silu ",
        "64x80x80 to 64, 3x3 stride 0 pad 1", "64x80x80 to 0, 3x3 stride 1 pad 1", "64x80x80 to 64, 3x3 stride 1 pad 3",
        "64x80x80 to 64, 3x3 stride 1 pad 1 groups 5", "64x80x80 to 64, 3x3 stride 1 pad 1 groups 0",
        "64x2x2 to 64, 3x3 stride 1 pad 0", "-64x80x80 to 64, 3x3 stride 1 pad 1",
        "99999999999999999999x80x80 to 64, 3x3 stride 1 pad 1", "64x80x80 to 64, 3x3 stride 1 pad 1 dilation"}) {
    const auto conv = parse_conv_key(text);
    ASSERT_FALSE(conv.ok()) << text;
    EXPECT_EQ(conv.error().code, ErrorCode::kInvalid);
    EXPECT_NE(conv.error().message.find(fmt::format("'{}'", text)), std::string::npos) << conv.error().message;
  }
}

TEST(ConvKey, LayersOfAGraph) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input({1, 3, 8, 6}), 4, {.kernel = 3, .stride = 2});
  b.output(b.conv(x, 6, {.group = 2}));
  ConvAttrs attrs;  // not constant: the reference evaluator's
  b.output(b.add(Op::kConv, {x, b.input({3, 4, 1, 1})}, attrs));
  const auto layers = conv_layers(b.graph());
  ASSERT_TRUE(layers.ok());
  ASSERT_EQ(layers->size(), 2U);
  EXPECT_EQ(conv_key((*layers)[0]), "3x8x6 to 4, 3x3 stride 2 pad 1");
  EXPECT_EQ(conv_key((*layers)[1]), "4x4x3 to 6, 1x1 stride 1 pad 0 groups 2");
}

}  // namespace
}  // namespace saker
