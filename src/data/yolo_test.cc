// YOLO data sets: data.yaml in its many forms, folders, label files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "data/dataset.h"
#include "data/yolo_labels.h"
#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

std::vector<std::string> files_of(const Dataset& dataset) {
  std::vector<std::string> files;
  for (const Picture& picture : dataset.pictures) files.push_back(picture.file);
  return files;
}

// ---- label files ----

Result<std::vector<LabelBox>> parse(const std::string& text, std::size_t classes = 3, KeypointShape keypoints = {}) {
  const DatasetOptions options;
  BadEntries bad(options);
  return parse_yolo_labels(text, "a.txt", classes, keypoints, bad);
}

TEST(ReadDataset, NamesAreCountedFromZero) {
  const test::DataFolder folder;
  folder.write_picture("images/a.png", 4, 4);
  const auto data = read_dataset(folder.write("data.yaml", "val: images\nnames:\n  1: dog\n  2: cow\n"));
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("2 classes, with keys up to 2"), std::string::npos) << data.error().message;
}

TEST(YoloLabels, BoxesAndPolygons) {
  const auto boxes = parse(
      "\xEF\xBB\xBF"
      "0 0.5 0.5 1 1\r\n\n  2.0\t0.25 0.5 1e-1 0.125  \n1 0.1 0.9 0.4 0.2 0.3 0.6");
  ASSERT_TRUE(boxes.ok()) << boxes.error().message;
  ASSERT_EQ(boxes->size(), 3U);
  EXPECT_EQ((*boxes)[0].w, 1);
  EXPECT_EQ((*boxes)[1].category, 2);
  EXPECT_EQ((*boxes)[1].w, 0.1);
  EXPECT_EQ((*boxes)[2].category, 1);
  EXPECT_DOUBLE_EQ((*boxes)[2].cx, 0.25);
  EXPECT_DOUBLE_EQ((*boxes)[2].cy, 0.55);
  EXPECT_DOUBLE_EQ((*boxes)[2].w, 0.3);
  EXPECT_DOUBLE_EQ((*boxes)[2].h, 0.7);
  EXPECT_TRUE(parse("")->empty());
  EXPECT_TRUE(parse("\n\r\n  \n")->empty());
}

TEST(YoloLabels, BadLinesAreNamed) {
  for (const auto& [line, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0 0.5 0.5 1", "a.txt:2: 4 columns, where a box has 5"},
           {"0", "a.txt:2: 1 columns"},
           {"0 0.5 0.5 1 1 0.9", "a.txt:2: 6 columns: a box has 5 (class cx cy w h), a polygon 7 or more; is the last"},
           {"0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "a.txt:2: 8 columns"},
           {"cat 0.5 0.5 1 1", "a.txt:2: column 1 (\"cat\") is not a number"},
           {"0 0.5 0,5 1 1", "a.txt:2: column 3 (\"0,5\") is not a number"},
           {"0 0.5 nan 1 1", "a.txt:2: column 3 (\"nan\") is not a number"},
           {"0 0.5 0.5 inf 1", "a.txt:2: column 4 (\"inf\") is not a number"},
           {"0 0.5 0.5 1 1e999", "a.txt:2: "},
           {"0.5 0.5 0.5 1 1", "a.txt:2: the class 0.5 is not a whole number"},
           {"-1 0.5 0.5 1 1", "a.txt:2: the class -1 is not a whole number"},
           {"3 0.5 0.5 1 1", "a.txt:2: the class is 3, but there are names for 3 only (0 to 2)"},
           {"0 0.5 0.5 -0.001 1", "a.txt:2: the negative size -0.001 x 1"},
           {"0 320 240 64 48", "a.txt:2: 320 in column 2 is not within 0 and 1; divide by"},
           {"0 0.5 -0.5 1 1", "a.txt:2: -0.5 in column 3 is not within 0 and 1"}}) {
    const auto boxes = parse(std::string("0 0.5 0.5 1 1\n") + line);
    ASSERT_FALSE(boxes.ok()) << line;
    EXPECT_NE(boxes.error().message.find(message), std::string::npos) << boxes.error().message;
  }
  EXPECT_FALSE(parse("10000 0.5 0.5 1 1", 0).ok());
}

TEST(YoloLabels, KeypointsStandBehindTheBox) {
  const auto two = parse("0 0.5 0.5 0.4 0.4 0.1 0.1 0.9 0.9", 1, {2, 2});
  ASSERT_TRUE(two.ok()) << two.error().message;
  EXPECT_EQ((*two)[0].cx, 0.5);
  EXPECT_EQ((*two)[0].w, 0.4);
  const auto three = parse("0 0.5 0.5 0.4 0.2 0.1 0.1 2 0 0 0", 1, {2, 3});
  ASSERT_TRUE(three.ok()) << three.error().message;
  EXPECT_EQ((*three)[0].h, 0.2);
  for (const auto& [line, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0 0.5 0.5 0.4 0.4",
            "a.txt:1: 5 columns, where `kpt_shape` [2, 3] makes it 11 (class cx cy w h and 2 points)"},
           {"0 0.5 0.5 0.4 0.4 0.1 0.1 0.9 0.9", "a.txt:1: 9 columns, where"},
           {"0 0.5 0.5 0.4 0.4 0.1 0.1 3 0 0 0", "a.txt:1: 3 in column 8 is not a point's visibility"},
           {"0 0.5 0.5 0.4 0.4 0.1 0.1 2 0 7 0", "a.txt:1: 7 in column 10 is not within 0 and 1"},
           {"0 0.5 0.5 0.4 -0.4 0.1 0.1 2 0 0 0", "a.txt:1: the negative size"}}) {
    const auto boxes = parse(line, 1, {2, 3});
    ASSERT_FALSE(boxes.ok()) << line;
    EXPECT_NE(boxes.error().message.find(message), std::string::npos) << boxes.error().message;
  }
}

TEST(YoloLabels, SkippedAndRepeatedLines) {
  DatasetOptions options;
  options.skip_bad = true;
  std::vector<std::string> told;
  options.warn = [&](const std::string& message) { told.push_back(message); };
  BadEntries bad(options);
  const auto boxes = parse_yolo_labels("0 0.5 0.5 1 1\nx\n0 0.5 0.5 1.0 1\n1 0.5 0.5 1 1", "a.txt", 3, {}, bad);
  ASSERT_TRUE(boxes.ok());
  EXPECT_EQ(boxes->size(), 2U);
  EXPECT_EQ(bad.skipped(), 2U);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1], "a.txt:3: the same box as in an earlier line (left out)");
}

TEST(ReadDataset, KeypointsOfTheYaml) {
  const test::DataFolder folder;
  folder.write_picture("images/a.png", 64, 64);
  folder.write("labels/a.txt", "0 0.5 0.5 0.4 0.4 0.1 0.1 0.9 0.9\n");
  const std::string start = "val: images\nnames: [person]\n";
  const auto data = read_dataset(folder.write("a.yaml", start + "kpt_shape: [2, 2]\nflip_idx: [1, 0]\n"));
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_NEAR(data->annotations[0].x, 19.2, 1e-9);
  EXPECT_NEAR(data->annotations[0].w, 25.6, 1e-9);
  for (const auto& [yaml, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"kpt_shape: [17, 3]", "a.txt:1: 9 columns, where `kpt_shape` [17, 3] makes it 56"},
           {"kpt_shape: 17", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [2]", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [0, 2]", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [2, 4]", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [2000000000, 2]", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [x, 2]", "`kpt_shape` is not [points, 2 or 3]"},
           {"kpt_shape: [2, 2]\nflip_idx: [0, 0]", "`flip_idx` is not a permutation of the 2 points"},
           {"kpt_shape: [2, 2]\nflip_idx: [0, 1, 2]", "`flip_idx` is not a permutation of the 2 points"}}) {
    const auto bad = read_dataset(folder.write("b.yaml", start + yaml + "\n"));
    ASSERT_FALSE(bad.ok()) << yaml;
    EXPECT_NE(bad.error().message.find(message), std::string::npos) << bad.error().message;
  }
}

// ---- data.yaml ----

// Pictures of 40 x 20 pixels with a box in the left half, and c.png without labels.
void make_split(const DataFolder& folder, const std::string& images, const std::string& labels) {
  folder.write_picture(images + "/a.jpg", 40, 20);
  folder.write_picture(images + "/b.png", 40, 20);
  folder.write_picture(images + "/c.png", 40, 20);
  folder.write(images + "/note.md", "no picture");
  folder.write(labels + "/a.txt", "1 0.25 0.5 0.5 1");
  folder.write(labels + "/b.txt", "");
}

void expect_split(const Result<Dataset>& data) {
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(files_of(*data), (std::vector<std::string>{"a.jpg", "b.png", "c.png"}));
  ASSERT_EQ(data->categories.size(), 2U);
  EXPECT_EQ(data->categories[1].id, 1);
  EXPECT_EQ(data->categories[1].name, "dog");
  ASSERT_EQ(data->annotations.size(), 1U);
  const Annotation& box = data->annotations[0];
  EXPECT_EQ(box.id, 1);
  EXPECT_EQ(box.picture, 0);
  EXPECT_EQ(box.category, 1);
  EXPECT_EQ(box.x, 0);
  EXPECT_EQ(box.y, 0);
  EXPECT_EQ(box.w, 20);
  EXPECT_EQ(box.h, 20);
  EXPECT_EQ(box.area, 400);
  EXPECT_TRUE(std::filesystem::exists(picture_path(*data, data->pictures[2])));
}

TEST(YoloYaml, Trees) {
  struct Tree {
    const char *yaml, *images, *labels;
  };
  for (const Tree& tree : {
           Tree{"val: images/val\nnames: [cat, dog]\n", "images/val", "labels/val"},
           Tree{"path: set\nval: images\nnc: 2\nnames: {0: cat, 1: dog}\n", "set/images", "set/labels"},
           Tree{"path: .\ntrain: no/such\nval: [images/val]\nnames: [cat, dog]\n", "images/val", "labels/val"},
           Tree{"val: ../valid/images\nnames: ['cat', 'dog']\n", "valid/images", "valid/labels"},  // Roboflow
           Tree{"path: /home/me/set\nval: images/val\nnames: [cat, dog]\n", "images/val", "labels/val"},
           Tree{"path: ../datasets/set\nvalidation: valid\nnames: [cat, dog]\n", "valid", "valid"},  // labels beside
       }) {
    const DataFolder folder;
    make_split(folder, tree.images, tree.labels);
    const std::string yaml = folder.write("data.yaml", tree.yaml);
    expect_split(read_dataset(yaml));
    expect_split(read_dataset(folder.path("")));
    DatasetOptions options;
    options.split = "valid";
    expect_split(read_dataset(yaml, options));
    options.images = folder.path(tree.images);
    expect_split(read_dataset(yaml, options));
  }
}

TEST(YoloYaml, ListsOfPicturesAndSeveralFolders) {
  const DataFolder folder;
  make_split(folder, "x/images", "x/labels");
  make_split(folder, "y/images", "y/labels");
  folder.write("lists/val.txt", "./../x/images/a.jpg\r\n\n" + folder.path("y/images/a.jpg") + "\ny/images/b.png\n");
  const auto list = read_dataset(folder.write("l.yaml", "val: lists/val.txt\nnames: [cat, dog]\n"));
  ASSERT_TRUE(list.ok()) << list.error().message;
  EXPECT_EQ(files_of(*list), (std::vector<std::string>{"x/images/a.jpg", "y/images/a.jpg", "y/images/b.png"}));
  EXPECT_EQ(list->annotations.size(), 2U);

  const auto folders = read_dataset(folder.write("f.yaml", "val: [y/images, x/images]\nnames: [cat, dog]\n"));
  ASSERT_TRUE(folders.ok()) << folders.error().message;
  EXPECT_EQ(folders->pictures.size(), 6U);
  EXPECT_EQ(folders->pictures[3].file, "y/images/a.jpg");
  EXPECT_EQ(folders->annotations[1].picture, 3);
  EXPECT_EQ(folders->pictures[3].id, 4);
}

TEST(YoloYaml, ListsNameNothingOutside) {
  const DataFolder folder, elsewhere;
  make_split(folder, "set/images", "set/labels");
  elsewhere.write_picture("secret.jpg", 8, 8);
  folder.write_picture("secret.jpg", 8, 8);
  folder.write("set/val.txt", "images/a.jpg\n../secret.jpg\n" + elsewhere.path("secret.jpg") + "\n");
  const std::string yaml = folder.write("set/data.yaml", "val: val.txt\nnames: [cat, dog]\n");
  const auto refused = read_dataset(yaml);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("val.txt:2: ../secret.jpg is outside " + folder.path("set")),
            std::string::npos)
      << refused.error().message;
  DatasetOptions options;
  options.skip_bad = true;
  const auto data = read_dataset(yaml, options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(files_of(*data), std::vector<std::string>{"images/a.jpg"});
  EXPECT_EQ(data->skipped, 2U);
}

TEST(YoloYaml, NumbersInNamesBecomeIds) {
  const DataFolder folder;
  for (const char* name : {"000000000139", "000000000285"}) {
    folder.write_picture(std::string("images/") + name + ".jpg", 8, 8);
    folder.write(std::string("labels/") + name + ".txt", "0 0.5 0.5 1 1");
  }
  const auto data = read_dataset(folder.path(""));
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures[0].id, 139);
  EXPECT_EQ(data->pictures[1].id, 285);
}

TEST(YoloYaml, BadOnes) {
  const DataFolder folder;
  make_split(folder, "images", "labels");
  folder.write("none/readme", "x");
  folder.write_picture("bare/images/a.jpg", 8, 8);
  for (const auto& [yaml, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "not a YOLO data.yaml"},
           {"- a", "not a YOLO data.yaml"},
           {"val: [", "bad.yaml: "},
           {"val: images", "names"},
           {"val: images\nnames: 5", "names"},
           {"val: images\nnc: 3\nnames: [cat, dog]", "`nc` is 3, but `names` has 2"},
           {"val: images\nnc: x\nnames: [cat, dog]", "`nc` is not a number"},
           {"val: images\nnc: 1", "a.txt:1: the class is 1, but there are names for 1 only"},
           {"train: images\ntest: images\nnames: [cat, dog]", "no `val`; it has train, test"},
           {"val: {a: b}\nnames: [cat, dog]", "`val` is not a path"},
           {"val: [[a]]\nnames: [cat, dog]", "`val` has an entry that is not a path"},
           {"val: absent\nnames: [cat, dog]", "`val` is absent, but there is no "},
           {"val: none\nnames: [cat, dog]", "no pictures"},
           {"val: bare\nnames: [cat, dog]", "none of the 1 pictures has a label file; that of the first would be "},
           {"val: []\nnames: [cat, dog]", "`val` is empty"}}) {
    const auto data = read_dataset(folder.write("bad.yaml", yaml));
    ASSERT_FALSE(data.ok()) << yaml;
    EXPECT_NE(data.error().message.find(message), std::string::npos) << yaml << ": " << data.error().message;
  }
}

TEST(YoloFolder, BrokenPicturesAndLabels) {
  const DataFolder folder;
  make_split(folder, "images", "labels");
  folder.write("classes.txt", "cat\ndog\n");
  expect_split(read_dataset(folder.path("")));
  folder.write("images/broken.jpg", "not a picture");
  folder.write("labels/b.txt", "0 0.5 0.5 1 1\n0 1 2 3\n");
  const auto refused = read_dataset(folder.path(""));
  ASSERT_FALSE(refused.ok());
  DatasetOptions options;
  options.skip_bad = true;
  std::vector<std::string> told;
  options.warn = [&](const std::string& message) { told.push_back(message); };
  const auto data = read_dataset(folder.path(""), options);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->pictures.size(), 3U);
  EXPECT_EQ(data->annotations.size(), 2U);
  EXPECT_EQ(data->skipped, 2U);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_NE(told[0].find("labels/b.txt:2: 4 columns"), std::string::npos) << told[0];
  EXPECT_NE(told[1].find("images/broken.jpg: not a picture"), std::string::npos) << told[1];
}

TEST(YoloFolder, NothingLeftIsAnError) {
  const DataFolder folder;
  make_split(folder, "images", "labels");
  folder.write("labels/a.txt", "0 1 2 3\n5\n");
  DatasetOptions options;
  options.skip_bad = true;
  const auto data = read_dataset(folder.path(""), options);
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("nothing is left of its boxes: 2 boxes left out as broken"), std::string::npos)
      << data.error().message;
  options.allow_empty = true;
  EXPECT_TRUE(read_dataset(folder.path(""), options).ok());
}

TEST(YoloFolder, WithoutNamesClassesAreNumbers) {
  const DataFolder folder;
  make_split(folder, "images", "labels");
  const auto data = read_dataset(folder.path(""));
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->categories.size(), 2U);
  EXPECT_EQ(data->categories[1].name, "1");
}

// The files have no line end at their last line: counted with `awk 1 *.txt | wc -l`.
TEST(YoloAssets, CountsOfTheLabelFiles) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::filesystem::path set = std::filesystem::path(assets == nullptr ? "" : assets) / "pistols";
  if (!std::filesystem::exists(set)) GTEST_SKIP() << "SAKER_ASSETS names no folder with pistols";
  const auto train = read_dataset((set / "train").string()), valid = read_dataset((set / "valid").string());
  ASSERT_TRUE(train.ok()) << train.error().message;
  ASSERT_TRUE(valid.ok()) << valid.error().message;
  EXPECT_EQ(train->pictures.size(), 300U);
  EXPECT_EQ(train->annotations.size(), 361U);
  EXPECT_EQ(valid->pictures.size(), 100U);
  EXPECT_EQ(valid->annotations.size(), 112U);
}

}  // namespace
}  // namespace saker
