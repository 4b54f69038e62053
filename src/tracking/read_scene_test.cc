#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "support/temp_folder.h"
#include "tracking/scene.h"

namespace saker::tracking {
namespace {

const std::vector<std::string> kLabels = {"person", "bicycle", "car", "7"};

class SceneFile : public ::testing::Test {
 protected:
  Result<Scene> read(const std::string& text) const { return read_scene(folder_.write("scene.yaml", text), kLabels); }
  std::string error(const std::string& text, ErrorCode code = ErrorCode::kInvalid) const {
    const auto scene = read(text);
    if (scene.ok()) return "none";
    EXPECT_EQ(scene.error().code, code) << scene.error().message;
    const std::string& message = scene.error().message;
    EXPECT_TRUE(message.starts_with(folder_.path() + "/")) << message;
    return message.substr(folder_.path().size() + 1);
  }

 private:
  test::TempFolder folder_;
};

TEST_F(SceneFile, LinesAndZonesWithAndWithoutClasses) {
  const auto scene = read(
      "units: pixel\n"
      "lines:\n"
      "  gate: [[0, 540], [1919.5, 540]]\n"
      "  door:\n"
      "    points: [[10, 20], [10, 300]]\n"
      "    classes: person\n"
      "zones:\n"
      "  yard:\n"
      "    classes: [car, 1, 7]\n"
      "    points:\n"
      "      - [0, 0]\n"
      "      - [100, 0]\n"
      "      - [100, 100]\n");
  ASSERT_TRUE(scene.ok()) << scene.error().message;
  EXPECT_FALSE(scene->fractions);
  ASSERT_EQ(scene->lines.size(), 2U);
  EXPECT_EQ(scene->lines[0].name, "gate");
  EXPECT_EQ(scene->lines[0].from.y, 540);
  EXPECT_EQ(scene->lines[0].to.x, 1919.5);
  EXPECT_TRUE(scene->lines[0].classes.empty());
  EXPECT_EQ(scene->lines[1].name, "door");
  EXPECT_EQ(scene->lines[1].classes, std::vector{0});
  ASSERT_EQ(scene->zones.size(), 1U);
  EXPECT_EQ(scene->zones[0].corners.size(), 3U);
  EXPECT_EQ(scene->zones[0].classes, (std::vector{2, 1, 3}));  // "7" is a name here
}

TEST_F(SceneFile, PointsAreFractionsUnlessItSaysPixels) {
  const auto scene = read("lines: {gate: [[0, 0.5], [1, 0.5]]}\n");
  ASSERT_TRUE(scene.ok()) << scene.error().message;
  EXPECT_TRUE(scene->fractions);
  EXPECT_TRUE(read("lines: {gate: [[0, 0.5], [1, 0.5]]}\nunits: fraction\n")->fractions);
  // Wherever the units stand.
  EXPECT_FALSE(read("lines: {gate: [[0, 5], [100, 5]]}\nunits: pixel\n")->fractions);
  EXPECT_EQ(error("lines:\n  gate: [[0, 5], [100, 5]]\n"),
            "scene.yaml:2: a point of `gate` has a coordinate that is no number from 0 to 1; for pixels write `units: "
            "pixel` at the top");
}

TEST_F(SceneFile, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_EQ(error("line:\n  a: [[0, 0], [1, 1]]\n"),
            "scene.yaml:1: a scene has no `line`; it has units, lines and zones");
  EXPECT_EQ(error("units: metres\n"),
            "scene.yaml:1: `units` is neither fraction (of the picture, from 0 to 1) nor pixel");
  EXPECT_EQ(error("units: pixel\n"), "scene.yaml:1: no lines and no zones");
  EXPECT_EQ(error("lines: {}\n"), "scene.yaml:1: no lines and no zones");
  EXPECT_EQ(error("lines: [[0, 0], [1, 1]]\n"), "scene.yaml:1: `lines` is not a map from names to points");
  EXPECT_EQ(error("lines:\n  a: [[0, 0], [1, 1], [0, 1]]\n"),
            "scene.yaml:2: line `a` is not two different points, [[x, y], [x, y]]");
  EXPECT_EQ(error("lines:\n  a: [[0, 1], [0, 1]]\n"),
            "scene.yaml:2: line `a` is not two different points, [[x, y], [x, y]]");
  const std::string no_zone =
      "scene.yaml:2: zone `a` is not three points or more around a place, "
      "[[x, y], [x, y], [x, y]]";
  EXPECT_EQ(error("zones:\n  a: [[0, 0], [1, 1]]\n"), no_zone);
  EXPECT_EQ(error("zones:\n  a: [[0, 0], [0.5, 0.5], [1, 1]]\n"), no_zone);
  EXPECT_EQ(error("zones:\n  a: [[0.5, 0], [0.5, 0], [0.5, 0]]\n"), no_zone);
  EXPECT_EQ(error("zones:\n  a:\n    - [0, 0]\n    - [0]\n"), "scene.yaml:4: a point of `a` is not [x, y]");
  EXPECT_EQ(error("lines:\n  a: [[0, much], [1, 1]]\n"),
            "scene.yaml:2: a point of `a` has a coordinate that is no number from 0 to 1");
  EXPECT_EQ(error("units: pixel\nlines:\n  a: [[0, -1], [1, 1]]\n"),
            "scene.yaml:3: a point of `a` has a coordinate that is no number from 0 to 1e+06");
  EXPECT_EQ(error("lines:\n  a: 3\n"), "scene.yaml:2: `a` is not a list of at most 1000 points");
  EXPECT_EQ(error("lines:\n  a:\n"), "scene.yaml:2: `a` is not a list of at most 1000 points");
  EXPECT_EQ(error("lines:\n  a: {classes: car}\n"), "scene.yaml:2: `a` has no points");
  EXPECT_EQ(error("lines:\n  a:\n    point: [[0, 0], [1, 1]]\n"),
            "scene.yaml:3: `a` has a `point`; known are points and classes");
  EXPECT_EQ(error("lines:\n  a: [[0, 0], [1, 1]]\n  a: [[0, 0], [1, 0]]\n"), "scene.yaml:3: `a` is there twice");
}

TEST_F(SceneFile, ClassesMustBeTheModels) {
  const std::string begin = "lines:\n  a:\n    points: [[0, 0], [1, 1]]\n    classes: ";
  const std::string known = "; it has 0 person, 1 bicycle, 2 car, 3 7";
  EXPECT_EQ(error(begin + "persn\n"), "scene.yaml:4: the model has no class `persn`" + known);
  EXPECT_EQ(error(begin + "[car, 4]\n"), "scene.yaml:4: the model has no class `4`" + known);
  EXPECT_EQ(error(begin + "-1\n"), "scene.yaml:4: the model has no class `-1`" + known);
  EXPECT_EQ(error(begin + "[[car]]\n"), "scene.yaml:4: the model has no class ``" + known);
  EXPECT_EQ(error(begin + "[]\n"),
            "scene.yaml:4: `classes` is not a list of names or numbers; leave it out for all classes");
  EXPECT_EQ(error(begin + "{car: 1}\n"),
            "scene.yaml:4: `classes` is not a list of names or numbers; leave it out for all classes");
}

TEST_F(SceneFile, BombsAreRefusedSoon) {
  EXPECT_NE(error("lines: " + std::string(100'000, '[')), "none");
  EXPECT_NE(error("lines: &a {b: *a}\n"), "none");
  EXPECT_NE(error("zones: &a [*a]\n"), "none");
  // A thousand zones of one list of a thousand corners, which a name of two bytes stands for.
  std::string corners;
  for (int i = 0; i < 1001; ++i) corners += "[0, 0.5], ";
  EXPECT_EQ(error("zones:\n  a: [" + corners + "]\n"), "scene.yaml:2: `a` is not a list of at most 1000 points");
  std::string many = "lines:\n";
  for (int i = 0; i < 1001; ++i) many += "  l" + std::to_string(i) + ": [[0, 0], [1, 1]]\n";
  EXPECT_EQ(error(many, ErrorCode::kLimit), "scene.yaml:1: more than 1000 lines and zones");
  EXPECT_EQ(read_scene("/nowhere/scene.yaml", kLabels).error().code, ErrorCode::kNotFound);
}

TEST_F(SceneFile, HurtFilesAreReadOrRefusedWithTheirName) {
  const std::string whole =
      "units: fraction\nlines:\n  gate: [[0, 0.5], [1, 0.5]]\n  door: {points: &p [[0, 0], [1, 1]], "
      "classes: [person, 2]}\nzones:\n  yard:\n    classes: car\n    points:\n      - [0, 0]\n"
      "      - [1, 0]\n      - [1, 1]\n";
  ASSERT_TRUE(read(whole).ok());
  PortableRandom random(9);
  const std::string signs = "[]{}:,&*!|>'\"%@`?-# \n\t\\0.1a\xff" + std::string(1, '\0');
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    std::string text = whole;
    for (std::uint64_t cuts = random.below(4) + 1; cuts > 0; --cuts) {
      const std::size_t at = random.below(text.size());
      if (random.below(3) == 0) text.erase(at, random.below(8));
      if (random.below(3) == 0) text.insert(at, text.substr(random.below(text.size()), random.below(20)));
      if (!text.empty()) text[random.below(text.size())] = signs[random.below(signs.size())];
      if (text.empty()) text = " ";
    }
    const auto scene = read(text);
    if (scene.ok()) continue;
    ++refused;
    EXPECT_NE(scene.error().message.find("/scene.yaml:"), std::string::npos) << scene.error().message;
    EXPECT_EQ(scene.error().message.find_first_of(std::string("\n\0", 2)), std::string::npos);
  }
  EXPECT_GT(refused, 150);
}

TEST(CheckScene, PointsOutsideThePictureAreRefused) {
  Scene scene;
  scene.lines = {{"gate", {0, 100}, {640, 100}, {}}};
  EXPECT_TRUE(check_scene(scene, 640, 480).ok());
  const Status small = check_scene(scene, 320, 240);
  ASSERT_FALSE(small.ok());
  EXPECT_EQ(
      small.error().message,
      "the scene's `gate` has the point [640, 100], outside the picture of 320x240; write it for that size, or in "
      "fractions of the picture");
  scene.fractions = true;
  EXPECT_TRUE(check_scene(scene, 320, 240).ok());
}

}  // namespace
}  // namespace saker::tracking
