// Class lists, random numbers that are the same everywhere, and the synthetic picture.
#include "data/classes.h"

#include <gtest/gtest.h>
#include <saker/detector_spec.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

TEST(PortableRandom, TheSequenceIsFixed) {
  // The 10000th number of the default seed is in the C++ standard, [rand.predef].
  PortableRandom standard(5489);
  std::uint64_t value = 0;
  for (int i = 0; i < 10000; ++i) value = standard.below(UINT64_MAX);
  EXPECT_EQ(value, 9981545732273789042ULL);
}

TEST(PortableRandom, BelowIsEvenAndBounded) {
  PortableRandom random(1);
  std::array<int, 6> seen = {};
  for (int i = 0; i < 6000; ++i) ++seen.at(random.below(6));
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0U);
  for (int i = 0; i < 100; ++i) {
    const double value = random.between(-2, 3);
    EXPECT_GE(value, -2);
    EXPECT_LT(value, 3);
  }
}

TEST(PortableRandom, ShuffleKeepsWhatIsThere) {
  std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, sorted = items;
  PortableRandom(3).shuffle(items);
  EXPECT_NE(items, sorted);
  std::ranges::sort(items);
  EXPECT_EQ(items, sorted);
}

TEST(Classes, DrawnInTheirOrderAndTheSameForTheSameSeed) {
  const auto drawn = draw_classes(coco80_labels(), 15, 3);
  ASSERT_TRUE(drawn.ok());
  EXPECT_EQ(*drawn,
            (std::vector<std::string>{"motorcycle", "cat", "elephant", "bear", "umbrella", "snowboard", "kite", "fork",
                                      "spoon", "broccoli", "cake", "chair", "mouse", "book", "teddy bear"}));
  EXPECT_NE(*drawn, *draw_classes(coco80_labels(), 15, 4));
  EXPECT_EQ(*draw_classes(coco80_labels(), 80, 3), coco80_labels());
  EXPECT_TRUE(draw_classes(coco80_labels(), 0, 3)->empty());
  const auto too_many = draw_classes(coco80_labels(), 81, 3);
  ASSERT_FALSE(too_many.ok());
  EXPECT_EQ(too_many.error().message, "81 classes are wanted, but there are 80");
}

TEST(Classes, AllAreDrawnAboutEquallyOften) {
  const std::vector<std::string> names = {"0", "1", "2", "3", "4"};
  std::array<int, 5> seen = {};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto drawn = draw_classes(names, 2, seed);
    for (const std::string& name : *drawn) ++seen.at(std::stoul(name));
  }
  for (const int count : seen) EXPECT_NEAR(count, 400, 80);
}

TEST(Classes, ReadFromWhatDefinesThem) {
  const DataFolder folder;
  EXPECT_EQ(*read_class_names(folder.write("data.yaml", "names: {0: cat, 1: dog}\n")),
            (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(*read_class_names(folder.write("names.txt", "cat\nbig dog\n")),
            (std::vector<std::string>{"cat", "big dog"}));
  EXPECT_EQ(*read_class_names(folder.write("coco.json", R"({"images": [], "annotations": [{"id": "broken"}],
              "categories": [{"id": 9, "name": "owl"}, {"id": 2, "name": "cat"}]})")),
            (std::vector<std::string>{"cat", "owl"}));
  EXPECT_EQ(read_class_names(folder.path("none.json")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_class_names(folder.path("none.txt")).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace saker
