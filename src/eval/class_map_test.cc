#include "eval/class_map.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

Dataset with_categories(const std::vector<Category>& categories) {
  Dataset dataset;
  dataset.path = "data.json";
  dataset.categories = categories;
  return dataset;
}

TEST(ClassMap, ByNameWhateverTheOrderAndTheSpelling) {
  const Dataset data = with_categories({{7, "Traffic Light", ""}, {3, "person", ""}});
  const std::vector<std::string> labels = {"person", "traffic_light"};
  const auto map = map_classes(labels, data);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->category, (std::vector<std::int32_t>{1, 0}));
  EXPECT_TRUE(map->notes.empty());
}

TEST(ClassMap, SaysWhatOnlyOneSideHas) {
  const Dataset data = with_categories({{1, "person", ""}, {2, "gun", ""}});
  const std::vector<std::string> labels = {"person", "bicycle"};
  const auto map = map_classes(labels, data);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->category, (std::vector<std::int32_t>{0, -1}));
  ASSERT_EQ(map->notes.size(), 2U);
  EXPECT_NE(map->notes[0].find("bicycle"), std::string::npos);
  EXPECT_NE(map->notes[1].find("gun"), std::string::npos);
}

TEST(ClassMap, ByTheOrderOfTheIdsWhenOnlyTheCountFits) {
  const Dataset data = with_categories({{9, "b", ""}, {4, "a", ""}});
  const std::vector<std::string> labels = {"0", "1"};
  const auto map = map_classes(labels, data);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->category, (std::vector<std::int32_t>{1, 0}));
  EXPECT_EQ(map->notes.size(), 1U);
}

TEST(ClassMap, RefusesWhatCannotBeTold) {
  const Dataset data = with_categories({{1, "pistol", ""}});
  const std::vector<std::string> labels = {"0", "1"};
  const auto map = map_classes(labels, data);
  ASSERT_FALSE(map.ok());
  EXPECT_NE(map.error().message.find("`labels`"), std::string::npos);
  EXPECT_EQ(map.error().setting, "labels");
}

}  // namespace
}  // namespace saker
