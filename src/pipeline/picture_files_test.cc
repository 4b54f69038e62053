#include "pipeline/picture_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/test_files.h"

namespace saker {
namespace {

std::vector<std::string> paths_of(const std::vector<PictureFile>& files) {
  std::vector<std::string> paths;
  for (const PictureFile& file : files) paths.push_back(file.error.empty() ? file.path : "! " + file.error);
  return paths;
}

TEST(PictureFiles, NumbersInNamesAreComparedAsNumbers) {
  EXPECT_TRUE(natural_less("a2.jpg", "a10.jpg"));
  EXPECT_FALSE(natural_less("a10.jpg", "a2.jpg"));
  EXPECT_TRUE(natural_less("a09.jpg", "a10.jpg"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_NE(natural_less("a01", "a1"), natural_less("a1", "a01"));  // an order, even where the numbers are the same
}

TEST(PictureFiles, FoldersGlobsAndListsInOneOrder) {
  const test::DataFolder folder;
  for (const char* name : {"in/b10.png", "in/b2.png", "in/.hidden.png", "in/notes.md", "other.png"})
    folder.write(name, "");
  std::filesystem::create_directories(folder.path("in/inner.png"));
  folder.write("list.txt", "# two\n  other.png  \n\nin/b*.png\n");
  EXPECT_EQ(paths_of(list_pictures({folder.path("in"), folder.path("other.png")})),
            (std::vector{folder.path("in/b2.png"), folder.path("in/b10.png"), folder.path("other.png")}));
  EXPECT_EQ(paths_of(list_pictures({folder.path("list.txt")})),
            (std::vector{folder.path("other.png"), folder.path("in/b2.png"), folder.path("in/b10.png")}));
  EXPECT_EQ(paths_of(list_pictures({folder.path("in/*2.png"), "-"})),
            (std::vector<std::string>{folder.path("in/b2.png"), "-"}));
}

TEST(PictureFiles, WhatIsNotThereIsAnErrorInItsPlace) {
  const test::DataFolder folder;
  folder.write("empty/images/a.png", "");
  folder.write("none.txt", "# nothing\n");
  const auto files =
      list_pictures({folder.path("missing.jpg"), folder.path("*.jpg"), folder.path("empty"), folder.path("none.txt")});
  ASSERT_EQ(files.size(), 4U);
  EXPECT_EQ(files[0].error, folder.path("missing.jpg") + ": no such file");
  EXPECT_EQ(files[1].error, folder.path("*.jpg") + ": no file matches");
  EXPECT_TRUE(files[2].error.find("try: " + folder.path("empty/images")) != std::string::npos) << files[2].error;
  EXPECT_EQ(files[3].error, folder.path("none.txt") + ": lists no pictures");
}

TEST(PictureFiles, AreFramesThatReadThemselves) {
  const test::DataFolder folder;
  PictureFiles source(list_pictures({folder.write_picture("a.png", 3, 2), folder.path("missing.png")}));
  EXPECT_EQ(source.size(), 2U);
  const auto first = source.next(), second = source.next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->name, folder.path("a.png"));
  EXPECT_EQ(second->index, 1U);
  EXPECT_FALSE(source.next());
  const auto image = first->read({});
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(std::get<Image>(*image).width, 3);
  EXPECT_EQ(second->read({}).error().message, folder.path("missing.png") + ": no such file");
}

TEST(PictureFiles, FoldersSayWhatTheyLeaveOutAndListsMayHaveAByteOrderMark) {
  const test::DataFolder folder;
  folder.write_picture("in/a.png", 4, 4);
  std::filesystem::copy_file(folder.path("in/a.png"), folder.path("in/b.JFIF"));
  for (const char* name : {"in/c.heic", "in/d.dng", "in/readme.txt"}) folder.write(name, "x");
  std::filesystem::create_directories(folder.path("in/inner.heic"));
  std::vector<std::string> notes;
  EXPECT_EQ(list_pictures({folder.path("in")}, &notes).size(), 2U);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].ends_with("does not read them: c.heic, d.dng")) << notes[0];
  const std::string list = folder.write("list.txt",
                                        "\xEF\xBB\xBF"
                                        "in/a.png\n");
  const auto listed = list_pictures({list}, &notes);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(listed[0].error.empty()) << listed[0].error;
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace saker
