// Writing pictures: what comes back, and what is left when writing fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "support/test_pictures.h"

namespace saker {
namespace {

using test::pattern;

TEST(WriteImage, PngComesBackUnchanged) {
  const test::TempFolder folder;
  const Image image = pattern(33, 21);
  for (const char* name : {"a.png", "B.PNG"}) {
    auto written = write_image(folder.path(name), image.view());
    ASSERT_TRUE(written.ok()) << written.error().message;
    auto read = read_image(folder.path(name));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->width, 33);
    EXPECT_EQ(read->height, 21);
    EXPECT_EQ(read->pixels, image.pixels);
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"B.PNG", "a.png"}));
}

TEST(WriteImage, JpegComesBackNearly) {
  const test::TempFolder folder;
  Image image = pattern(33, 21);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = i % 3 == 0 ? 210 : 60;
  for (const int quality : {50, 95, 100}) {
    ASSERT_TRUE(write_image(folder.path("a.jpeg"), image.view(), quality).ok());
    auto read = read_image(folder.path("a.jpeg"));
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_EQ(read->pixels.size(), image.pixels.size());
    for (std::size_t i = 0; i < image.pixels.size(); ++i) EXPECT_NEAR(read->pixels[i], image.pixels[i], 6);
  }
}

TEST(WriteImage, BgrRowsWithGapsAndReversedRows) {
  const test::TempFolder folder;
  // Two rows of two pixels, 8 bytes apart.
  const std::vector<std::uint8_t> bgr = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12, 99, 99};
  ASSERT_TRUE(write_image(folder.path("a.png"), {bgr.data(), 2, 2, 8, PixelFormat::kBgr}).ok());
  ASSERT_TRUE(write_image(folder.path("b.png"), {bgr.data() + 8, 2, 2, -8, PixelFormat::kRgb}).ok());
  EXPECT_EQ(read_image(folder.path("a.png"))->pixels,
            (std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
  EXPECT_EQ(read_image(folder.path("b.png"))->pixels,
            (std::vector<std::uint8_t>{7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6}));
}

TEST(WriteImage, ReplacesAnExistingFile) {
  const test::TempFolder folder;
  test::write_bytes(folder.path("a.png"), test::to_bytes("old"));
  ASSERT_TRUE(write_image(folder.path("a.png"), pattern(4, 4).view()).ok());
  EXPECT_TRUE(read_image(folder.path("a.png")).ok());
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.png"});
}

TEST(WriteImage, UnwritablePlacesAreReportedAndLeftClean) {
  const test::TempFolder folder;
  const Image image = pattern(4, 4);
  auto missing = write_image(folder.path("no/such/folder/a.png"), image.view());
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_NE(missing.error().message.find("no/such/folder/a.png"), std::string::npos);
  EXPECT_NE(missing.error().message.find("No such file or directory"), std::string::npos) << missing.error().message;

  // The name is taken by a folder, so only the last step, renaming, fails.
  std::filesystem::create_directory(folder.path("taken.jpg"));
  auto taken = write_image(folder.path("taken.jpg"), image.view());
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kIo);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"taken.jpg"});
}

TEST(WriteImage, WrongArguments) {
  const test::TempFolder folder;
  const Image image = pattern(4, 4);
  for (const char* name : {"a.gif", "a", ".png", "a.png/", "jpg"}) {
    auto status = write_image(folder.path(name), image.view());
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_NE(status.error().code, ErrorCode::kInternal) << status.error().message;
  }
  for (const int quality : {-1, 0, 101}) {
    auto status = write_image(folder.path("a.jpg"), image.view(), quality);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kInvalid);
  }
  EXPECT_FALSE(write_image(folder.path("a.png"), {}).ok());
  EXPECT_FALSE(write_image(folder.path("a.png"), {image.pixels.data(), 4, 0, 12}).ok());
  EXPECT_FALSE(write_image(folder.path("a.png"), {image.pixels.data(), 4, 4, 11}).ok());
  EXPECT_FALSE(write_image(folder.path("a.jpg"), {image.pixels.data(), 70000, 1, 210000}).ok());
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace saker
