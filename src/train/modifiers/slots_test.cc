#include <gtest/gtest.h>

#include <algorithm>

#include "train/modifiers/modifier.h"
#include "train/train_fixture.h"

namespace saker::train {
namespace {

class SlotsTest : public testing::Test {
 protected:
  SlotsTest() : network_(tiny_network()), weights_(network_, [](const std::string&) { return false; }) {
    modifier_.type = "GMPruningModifier";
    modifier_.file = "r.yaml";
    modifier_.line = 4;
    modifier_.lines = {{"params", 7}};
  }

  std::vector<std::string> names(const std::vector<std::string>& params, SlotsOf of = SlotsOf::kPrunable) {
    const auto slots = slots_of(weights_, params, of, modifier_);
    EXPECT_TRUE(slots.ok()) << slots.error().message;
    std::vector<std::string> names;
    for (std::size_t i = 0; slots && i < slots->size(); ++i) names.push_back(weights_.slots()[(*slots)[i]].name);
    return names;
  }
  std::string refused(const std::string& param) {
    const auto slots = slots_of(weights_, {param}, SlotsOf::kPrunable, modifier_);
    EXPECT_FALSE(slots.ok()) << param;
    return slots ? "" : slots.error().message;
  }

  nets::Network network_;
  Weights weights_;
  recipe::Modifier modifier_;
};

TEST_F(SlotsTest, FindsWeightsByNameExpressionAndKind) {
  EXPECT_EQ(names({"model.1.conv.weight"}), (std::vector<std::string>{"model.1.conv.weight"}));
  EXPECT_EQ(names({"re:model.[01].conv", "model.1.conv.weight"}),
            (std::vector<std::string>{"model.0.conv.weight", "model.1.conv.weight"}));
  // From the beginning on, to anywhere: Python's re.match.
  EXPECT_EQ(names({"re:model.1"}), (std::vector<std::string>{"model.1.conv.weight"}));
  EXPECT_EQ(names({"re:model.1"}, SlotsOf::kWeights).size(), 3U);  // the normalization's, too
  const std::vector<std::string> all = names({"__ALL_PRUNABLE__"});
  for (const std::string& name : all) EXPECT_TRUE(name.ends_with(".weight")) << name;
  EXPECT_EQ(std::ranges::count_if(all, [](const std::string& name) { return name.find("dfl") != std::string::npos; }),
            0);
  EXPECT_EQ(std::ranges::count_if(all, [](const std::string& name) { return name.find("bn") != std::string::npos; }),
            0);
  EXPECT_EQ(names({"__ALL_PRUNABLE__"}, SlotsOf::kWeights), all);
  EXPECT_GT(names({"__ALL__"}, SlotsOf::kWeights).size(), all.size());
}

TEST_F(SlotsTest, KnowsTheExpressionForNamesWithoutAWord) {
  const std::vector<std::string> without = names({"re:^((?!model.5).)*$"});
  EXPECT_EQ(without.size(), 5U);
  for (const std::string& name : without) EXPECT_EQ(name.find("model.5"), std::string::npos);
}

TEST_F(SlotsTest, SaysLineAndFieldOfWhatMatchesNothing) {
  EXPECT_EQ(
      refused("model.1.conv.weigth"),
      "r.yaml, line 7: GMPruningModifier, params: model.1.conv.weigth matches no weight of a convolution; did you "
      "mean model.1.conv.weight?");
  EXPECT_NE(refused("re:backbone.*").find("params: re:backbone.* matches no weight"), std::string::npos);
  EXPECT_NE(refused("re:conv").find("matches no weight"), std::string::npos);  // not from the beginning
  EXPECT_NE(refused("re:(").find("is no expression"), std::string::npos);
  EXPECT_NE(refused("re:(?<=x)a").find("is no expression"), std::string::npos);
  EXPECT_NE(refused("re:" + std::string(2000, 'a')).find("more than 1000"), std::string::npos);
  EXPECT_NE(refused("re:(((a{1,100}){1,100}){1,100})").find("is no expression"), std::string::npos);
  EXPECT_NE(refused("re:(m|mo|.)*(.*)*(.+)+$x").find("matches no weight"), std::string::npos);  // at once
  modifier_.lines.clear();
  const auto lax = slots_of(weights_, {"nothing"}, SlotsOf::kWeights, modifier_, false);
  ASSERT_TRUE(lax.ok());
  EXPECT_TRUE(lax->empty());
}

}  // namespace
}  // namespace saker::train
