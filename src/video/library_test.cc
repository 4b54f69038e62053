// The plug-in found, loaded and refused; its files get their names when they are complete. The fakes are
// tests/support/fake_video.cc.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temp_folder.h"
#include "video/video.h"

namespace saker::video {
namespace {

using test::TempFolder;

Result<VideoLibrary*> load(const std::string& fake) {
  const std::array folders = {std::string(SAKER_FAKE_VIDEO) + fake};
  return load_video_library(folders);
}

WriteOptions small() {
  WriteOptions options;
  options.width = options.height = 2;
  options.time_base = {1, 25};
  return options;
}

PlanarView picture_of(const std::array<std::uint8_t, 4>& luma) {
  return {PlanarLayout::kI420, 2, 2, {luma.data(), luma.data(), luma.data()}, {2, 1, 1}, false, false};
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(VideoLibrary, LoadsAPlugin) {
  const auto library = load("good");
  ASSERT_TRUE(library.ok()) << library.error().message;
  EXPECT_EQ((*library)->version(), "0.0.fake");
  EXPECT_EQ((*library)->open("x.mp4", {}).error().message, "x.mp4: fake");
  EXPECT_EQ((*library)->show("title", small()).error().message, "fake: no window");
}

TEST(VideoLibrary, AMissingPluginSaysHowToGetIt) {
  const TempFolder empty;
  const std::array folders = {empty.path(), std::string("/nowhere")};
  const auto library = load_video_library(folders);
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(library.error().message, "the plug-in for videos is not installed: no saker_video.so in " + empty.path() +
                                         " or /nowhere\nscripts/install_video.sh installs it");
}

TEST(VideoLibrary, FaultyPluginsAreRefused) {
  const TempFolder text;
  text.write("saker_video.so", "not a library");
  const std::array folders = {text.path()};
  const std::pair<Result<VideoLibrary*>, std::string> cases[] = {
      {load("wrong_abi"), "another build (saker-video-0 of long ago; this is saker-video-"},
      {load("other_layout"), "another build (saker-video-1 0123456789abcdef "},
      {load("throws"), "does not start: fake: no such library"},
      {load_video_library(folders), "cannot be loaded: "}};
  for (const auto& [library, why] : cases) {
    ASSERT_FALSE(library.ok()) << why;
    EXPECT_EQ(library.error().code, ErrorCode::kInternal);
    EXPECT_NE(library.error().message.find(why), std::string::npos) << library.error().message;
    EXPECT_NE(library.error().message.find("/saker_video.so"), std::string::npos) << library.error().message;
    EXPECT_NE(library.error().message.find("scripts/install_video.sh builds it anew"), std::string::npos);
  }
}

TEST(VideoLibrary, AFileAppearsWhenItIsComplete) {
  const auto library = load("good");
  ASSERT_TRUE(library.ok());
  const TempFolder folder;
  folder.write("a.mp4", "before");
  auto writer = (*library)->create(folder.path("a.mp4"), small());
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  EXPECT_EQ((*writer)->encoder(), "fake mp4");
  ASSERT_TRUE((*writer)->write(picture_of({'o', 'k', 0, 0}), 0).ok());
  EXPECT_EQ(contents(folder.path("a.mp4")), "before");
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(contents(folder.path("a.mp4")), "ok");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.mp4"});
}

TEST(VideoLibrary, WhatALinkLeadsToIsReplaced) {
  const auto library = load("good");
  ASSERT_TRUE(library.ok());
  const TempFolder folder, elsewhere;
  std::filesystem::create_symlink(elsewhere.path("real.mkv"), folder.path("link.mkv"));
  auto writer = (*library)->create(folder.path("link.mkv"), small());
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  ASSERT_TRUE((*writer)->write(picture_of({'o', 'k', 0, 0}), 0).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(contents(elsewhere.path("real.mkv")), "ok");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.mkv")));
}

TEST(VideoLibrary, NothingIsLeftOfWhatFails) {
  const auto library = load("good");
  ASSERT_TRUE(library.ok());
  const TempFolder folder;
  const std::string path = folder.path("a.mov");
  {
    auto given_up = (*library)->create(path, small());
    ASSERT_TRUE(given_up.ok());
    ASSERT_TRUE((*given_up)->write(picture_of({'o', 'k', 0, 0}), 0).ok());
    EXPECT_EQ(folder.names().size(), 1u);
  }
  {
    auto full = (*library)->create(path, small());
    ASSERT_TRUE(full.ok());
    const Status written = (*full)->write(picture_of({66, 0, 0, 0}), 0);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, ErrorCode::kIo);
    EXPECT_EQ(written.error().message, path + ": fake: disk full");
  }
  {
    auto endless = (*library)->create(path, small());
    ASSERT_TRUE(endless.ok());
    ASSERT_TRUE((*endless)->write(picture_of({67, 0, 0, 0}), 0).ok());
    EXPECT_EQ((*endless)->finish().error().message, path + ": fake: no end");
  }
  WriteOptions refused = small();
  refused.quality = 51;
  EXPECT_EQ((*library)->create(path, refused).error().message, path + ": fake: refused");
  EXPECT_TRUE(folder.names().empty());
}

TEST(VideoLibrary, WhereNoVideoCanBeWritten) {
  const auto library = load("good");
  ASSERT_TRUE(library.ok());
  const TempFolder folder;
  for (const char* name : {"a", "a.jpg", "mp4", "a.mp4.txt"}) {
    const auto writer = (*library)->create(folder.path(name), small());
    ASSERT_FALSE(writer.ok()) << name;
    EXPECT_EQ(writer.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(writer.error().message.find(".mp4, .mkv, .mov or .avi"), std::string::npos) << writer.error().message;
  }
  std::filesystem::create_directory(folder.path("folder.mp4"));
  for (const char* name : {"folder.mp4", "nowhere/a.mp4"}) {
    const auto writer = (*library)->create(folder.path(name), small());
    ASSERT_FALSE(writer.ok()) << name;
    EXPECT_EQ(writer.error().code, ErrorCode::kIo);
    EXPECT_NE(writer.error().message.find(name), std::string::npos) << writer.error().message;
  }
  for (const Rational time_base : {Rational{0, 1}, Rational{1, 0}, Rational{-1, 25}}) {
    WriteOptions options = small();
    options.time_base = time_base;
    EXPECT_EQ((*library)->create(folder.path("a.mp4"), options).error().code, ErrorCode::kInvalid);
  }
  EXPECT_EQ((*library)->create(folder.path("a.mp4"), {}).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace saker::video
