#include "pipeline/picture_saver.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/test_files.h"

namespace saker {
namespace {

Image grey(int width, int height) {
  Image image{width, height, {}, {width, height}};
  image.pixels.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 128);
  return image;
}

TEST(PictureSaver, NamesThatAreTakenGetNumbers) {
  EXPECT_EQ(unique_names({"a.jpg", "a.jpg", "a_2.jpg", "a.jpg"}),
            (std::vector<std::string>{"a.jpg", "a_2.jpg", "a_2_2.jpg", "a_3.jpg"}));
}

TEST(PictureSaver, LabelsBecomeFoldersThatCanBeMade) {
  EXPECT_EQ(folder_name("traffic light"), "traffic light");
  EXPECT_EQ(folder_name("../a/b\n"), "_.._a_b_");
  EXPECT_EQ(folder_name("dog. "), "dog");
  EXPECT_EQ(folder_name(""), "_");
  std::string accents = "a";
  while (accents.size() < 200) accents += "\xC3\xA9";
  EXPECT_EQ(folder_name(accents), accents.substr(0, 99));  // no half character
}

TEST(PictureSaver, LinesAreFractionsOfThePicture) {
  const Detection box{3, 0.5F, 10, 20, 30, 60};
  EXPECT_EQ(yolo_lines(std::span(&box, 1), 100, 200, false), "3 0.2 0.2 0.2 0.2\n");
  EXPECT_EQ(yolo_lines(std::span(&box, 1), 100, 200, true), "3 0.2 0.2 0.2 0.2 0.5\n");
}

TEST(PictureSaver, SavesUnderNamesThatDoNotMeet) {
  const test::DataFolder folder;
  for (const char* name : {"vis", "txt", "crop"}) std::filesystem::create_directories(folder.path(name));
  const SaveOptions options{folder.path("vis"), folder.path("txt"), folder.path("crop"), false};
  const auto saver = PictureSaver::create(options, {{"in/bus.webp", ""}, {"other/bus.png", ""}, {"bus_2.png", ""}});
  ASSERT_TRUE(saver.ok());
  for (std::size_t i = 0; i < 3; ++i) {
    PictureResult result;
    result.index = i;
    result.width = result.height = 40;
    result.found.boxes = {{0, 0.9F, 0, 0, 20, 20}, {0, 0.8F, 20, 20, 40, 40}};
    const Status saved = saver->save(result, grey(40, 40), {"dog"});
    ASSERT_TRUE(saved.ok()) << saved.error().message;
  }
  const auto count = [&](const char* name) {
    return std::distance(std::filesystem::directory_iterator(folder.path(name)), {});
  };
  EXPECT_EQ(count("vis"), 3);
  EXPECT_EQ(count("txt"), 3);
  EXPECT_EQ(count("crop/dog"), 6);
  EXPECT_TRUE(std::filesystem::exists(folder.path("vis/bus.jpg")));  // .webp is not written
  EXPECT_TRUE(std::filesystem::exists(folder.path("txt/bus_2.txt")));
}

TEST(PictureSaver, TheLongestNamesHaveRoomForNumbers) {
  const test::DataFolder folder;
  for (const char* name : {"vis", "txt", "crop"}) std::filesystem::create_directories(folder.path(name));
  const std::string longest = std::string(251, 'n') + ".jpg";
  const SaveOptions options{folder.path("vis"), folder.path("txt"), folder.path("crop"), false};
  const auto saver = PictureSaver::create(options, {{"a/" + longest, ""}, {"b/" + longest, ""}});
  ASSERT_TRUE(saver.ok());
  for (std::size_t i = 0; i < 2; ++i) {
    PictureResult result;
    result.index = i;
    result.width = result.height = 40;
    result.found.boxes = {{0, 0.9F, 0, 0, 20, 20}, {0, 0.8F, 20, 20, 40, 40}};
    const Status saved = saver->save(result, grey(40, 40), {"dog"});
    ASSERT_TRUE(saved.ok()) << saved.error().message;
  }
}

TEST(PictureSaver, NeverWritesOverAPictureThatItReads) {
  const test::DataFolder folder;
  const std::string path = folder.write_picture("in/a.png", 4, 4);
  const auto saver = PictureSaver::create({folder.path("in"), "", "", false}, {{path, ""}});
  ASSERT_FALSE(saver.ok());
  EXPECT_EQ(saver.error().message, "would overwrite the picture " + path + "\nname another folder");
}

}  // namespace
}  // namespace saker
