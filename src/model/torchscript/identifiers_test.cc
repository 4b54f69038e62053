// Names made into identifiers.
#include "model/torchscript/identifiers.h"

#include <gtest/gtest.h>

namespace saker::torchscript {
namespace {

TEST(Identifiers, AreHarmlessAndUnique) {
  Identifiers names("v_");
  EXPECT_EQ(names.make("model.0.Conv/W"), "v_model_0_conv_w");
  EXPECT_EQ(names.make("model_0_conv_w"), "v_model_0_conv_w_1");
  EXPECT_EQ(names.make("model_0_conv_w_1"), "v_model_0_conv_w_1_1");
  EXPECT_EQ(names.make("if"), "v_if");
  EXPECT_EQ(names.make(""), "v_");
  EXPECT_LT(names.make(std::string(100'000, 'a')).size(), 100U);
  for (const char* hostile : {"x)\n    import os\n", "\"\"\"", "a = b; c", "\xff\xfe", "é", "#", "\\"}) {
    for (const char c : names.make(hostile))
      EXPECT_TRUE(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) << hostile;
  }
}

}  // namespace
}  // namespace saker::torchscript
