// Files that annotations name with the paths of another machine.
#include <gtest/gtest.h>

#include "data/dataset.h"
#include "data/file_search.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

TEST(FileSearch, TheLongestEndThatExists) {
  const DataFolder folder;
  folder.write("set/a/x.png", "");
  folder.write("a/x.png", "");
  folder.write("x.png", "");
  const std::string root = folder.path("");
  EXPECT_EQ(existing_tail(root, "/home/me/set/a/x.png"), "set/a/x.png");
  EXPECT_EQ(existing_tail(root, "D:\\work\\a\\x.png"), "a/x.png");
  EXPECT_EQ(existing_tail(root, "..\\..\\b\\.\\x.png"), "x.png");
  EXPECT_EQ(existing_tail(root, "a/../x.png"), "x.png");
  EXPECT_EQ(existing_tail(root, "/b/x.png", 2), "");
  EXPECT_EQ(existing_tail(root, "/b/y.png"), "");
  EXPECT_EQ(existing_tail(root, std::string("x.png\0.jpg", 10)), "");
  EXPECT_EQ(existing_tail(root, ""), "");
  EXPECT_EQ(existing_tail(root, ".."), "");
  EXPECT_EQ(existing_tail(root, std::string(100000, '/') + "a/x.png"), "a/x.png");
}

TEST(FileSearch, TheLastPartAnywhereBelow) {
  const DataFolder folder;
  folder.write("a/x.png", "");
  folder.write("b/y.png", "");
  folder.write("c/y.png", "");
  folder.write("y.png", "");
  FileSearch search;
  EXPECT_EQ(search.find(folder.path(""), "/nowhere/x.png").file, "a/x.png");
  const auto several = search.find(folder.path(""), "/nowhere/y.png");
  EXPECT_EQ(several.file, "b/y.png");
  EXPECT_EQ(several.other, "c/y.png");
  EXPECT_EQ(search.find(folder.path(""), "/nowhere/c/y.png").file, "c/y.png");
  EXPECT_EQ(search.find(folder.path(""), "/nowhere/z.png").file, "");
}

std::string coco(const std::string& images) {
  return R"({"images": [)" + images + R"(], "annotations": [{"id": 1, "image_id": 7, "category_id": 3,
    "bbox": [1, 2, 3, 4]}], "categories": [{"id": 3, "name": "cat"}]})";
}

Result<Dataset> read(const DataFolder& folder, const std::string& images, bool named = true) {
  DatasetOptions options;
  options.need_pictures = true;
  if (named) options.images = folder.path("pictures");
  return read_dataset(folder.write("a.json", coco(images)), options);
}

TEST(CocoFileNames, OfAnotherMachineAreFoundByTheirEnds) {
  for (const char* name :
       {"../../label-studio/data/media/upload/1/a1b2-dog.jpg", "/home/user/data/a1b2-dog.jpg",
        "C:\\\\Users\\\\me\\\\data\\\\a1b2-dog.jpg", "data\\\\a1b2-dog.jpg", "images/a1b2-dog.jpg"}) {
    const DataFolder folder;
    folder.write_picture("pictures/a1b2-dog.jpg", 8, 8);
    const auto data = read(folder, R"({"id": 7, "file_name": ")" + std::string(name) + R"("})");
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(picture_path(*data, data->pictures[0]), folder.path("pictures/a1b2-dog.jpg"));
    ASSERT_EQ(data->notes.size(), 1U) << name;
    EXPECT_NE(data->notes[0].find("1 of 1 file names are another machine's"), std::string::npos) << data->notes[0];
  }
}

TEST(CocoFileNames, TheFolderIsFoundByThemToo) {
  const DataFolder folder;
  folder.write_picture("images/cam/b.jpg", 8, 8);
  const auto data = read(folder, R"({"id": 7, "file_name": "D:\\set\\cam\\b.jpg"})", false);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(picture_path(*data, data->pictures[0]), folder.path("images/cam/b.jpg"));
}

TEST(CocoFileNames, AsWrittenComesFirstAndIsNotNoted) {
  const DataFolder folder;
  folder.write_picture("pictures/sub/a.jpg", 8, 8);
  folder.write_picture("pictures/a.jpg", 8, 8);
  const auto data = read(folder, R"({"id": 7, "file_name": "sub/a.jpg"}, {"id": 8, "file_name": "a.jpg"})");
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures[0].file, "sub/a.jpg");
  EXPECT_TRUE(data->notes.empty());
}

TEST(CocoFileNames, TwoFilesOfTheNameAreBothNamed) {
  const DataFolder folder;
  folder.write_picture("pictures/x/a.jpg", 8, 8);
  folder.write_picture("pictures/y/a.jpg", 8, 8);
  const auto data = read(folder, R"({"id": 7, "file_name": "/home/user/a.jpg"})");
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("images[0].file_name is outside"), std::string::npos) << data.error().message;
  EXPECT_NE(data.error().message.find("it may be x/a.jpg or y/a.jpg there"), std::string::npos);
}

TEST(CocoFileNames, TwoNamesForOneFileAreBothNamed) {
  const DataFolder folder;
  folder.write_picture("pictures/001.jpg", 8, 8);
  const std::string two = R"({"id": 7, "file_name": "cam1/001.jpg"}, {"id": 8, "file_name": "cam2/001.jpg"})";
  const auto data = read(folder, two);
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("cam1/001.jpg; 001.jpg may be it, but also cam2/001.jpg"), std::string::npos)
      << data.error().message;
  // The one that is called so has it.
  DatasetOptions options;
  options.images = folder.path("pictures");
  options.skip_bad = true;
  const auto left = read_dataset(
      folder.write("b.json", coco(R"({"id": 7, "file_name": "001.jpg"}, {"id": 8, "file_name": "cam2/001.jpg"})")),
      options);
  ASSERT_TRUE(left.ok()) << left.error().message;
  ASSERT_EQ(left->pictures.size(), 1U);
  EXPECT_EQ(left->pictures[0].id, 7);
}

// What is only a name opens nothing, wherever it leads.
TEST(CocoFileNames, NamesOnlyNeedNoPictures) {
  const DataFolder folder;
  folder.write_picture("secret.jpg", 8, 8);
  const std::string images = R"({"id": 7, "file_name": "/home/user/a.jpg"}, {"id": 8, "file_name": ")" +
                             folder.path("secret.jpg") + R"("}, {"id": 9, "file_name": ".."})";
  DatasetOptions options;
  const std::string json = folder.write("set/a.json", coco(images));
  EXPECT_FALSE(read_dataset(json, options).ok());
  options.names_only = true;
  const auto data = read_dataset(json, options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures[0].file, "a.jpg");
  EXPECT_EQ(data->pictures[1].file, "secret.jpg");
  EXPECT_EQ(data->pictures[2].file, "");
  options.names_only = false;
  const auto up = read_dataset(folder.write("set/b.json", coco(R"({"id": 7, "file_name": ".."})")), options);
  ASSERT_FALSE(up.ok());
  EXPECT_NE(up.error().message.find("images[0].file_name is outside"), std::string::npos) << up.error().message;
}

// ---- data.yaml ----

class MovedYaml : public testing::Test {
 protected:
  void make(const std::string& images, const std::string& labels) {
    folder_.write_picture(images + "/a.png", 20, 20);
    folder_.write(labels + "/a.txt", "0 0.5 0.5 1 1");
  }
  Result<Dataset> read(const std::string& yaml) {
    return read_dataset(folder_.write("set/data.yaml", yaml + "names: [cat]\n"));
  }

  DataFolder folder_;
};

TEST_F(MovedYaml, PathsOfOtherMachines) {
  make("set/images/val", "set/labels/val");
  for (const char* yaml :
       {"val: D:\\work\\set\\images\\val\n", "path: 'C:\\Users\\me\\set'\nval: images\\val\n",
        "path: /content/set\nval: /content/set/images/val\n", "path: ../datasets/other\nval: ..\\images\\val\n",
        "path: /content\nval: set/images/val\n", "val: [/kaggle/input/set/images/val]\n"}) {
    const auto data = read(yaml);
    ASSERT_TRUE(data.ok()) << yaml << data.error().message;
    EXPECT_EQ(picture_path(*data, data->pictures[0]), folder_.path("set/images/val/a.png")) << yaml;
    EXPECT_EQ(data->annotations.size(), 1U);
  }
  const auto data = read("val: D:\\work\\set\\images\\val\n");
  ASSERT_EQ(data->notes.size(), 1U);
  EXPECT_NE(data->notes[0].find("`val` is D:\\work\\set\\images\\val, which is not there; " +
                                folder_.path("set/images/val") + " is taken for it"),
            std::string::npos)
      << data->notes[0];
}

TEST_F(MovedYaml, WhatCouldBeTwoSplitsIsRefused) {
  make("set/images", "set/labels");
  const auto data = read("train: /content/train/images\nval: /content/valid/images\n");
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("`val` is /content/valid/images and `train` is /content/train/images"),
            std::string::npos)
      << data.error().message;
  EXPECT_TRUE(read("train: /content/images\nval: /content/images\n").ok());
}

TEST_F(MovedYaml, NothingLikeItSaysWhatWasTried) {
  make("set/images", "set/labels");
  const auto data = read("path: /content/set\nval: valid\n");
  ASSERT_FALSE(data.ok());
  EXPECT_NE(
      data.error().message.find("`val` is valid, but there is no /content/set/valid, " + folder_.path("set/valid")),
      std::string::npos)
      << data.error().message;
}

TEST_F(MovedYaml, ListsWithPathsOfOtherMachines) {
  make("set/images/val", "set/labels/val");
  folder_.write_picture("set/images/val/b.png", 20, 20);
  folder_.write("set/val.txt", "\xEF\xBB\xBF/content/set/images/val/a.png\r\nD:\\set\\images\\val\\b.png\r\n");
  const auto data = read("val: val.txt\n");
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->pictures.size(), 2U);
  EXPECT_EQ(data->pictures[1].file, "images/val/b.png");
  EXPECT_EQ(data->notes.size(), 1U);
  folder_.write("set/val.txt", "/x/images/val/a.png\n/y/images/val/a.png\n");
  const auto twice = read("val: val.txt\n");
  ASSERT_FALSE(twice.ok());
  EXPECT_NE(twice.error().message.find("val.txt:2: /y/images/val/a.png may be "), std::string::npos)
      << twice.error().message;
}

}  // namespace
}  // namespace saker
