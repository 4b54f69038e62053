// Datasets written and read again; nothing is half written or lands outside its folder.
#include "data/writers.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "support/test_files.h"

namespace saker {
namespace {

namespace fs = std::filesystem;
using test::DataFolder;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Pictures of odd sizes with random boxes inside, in random order of pictures.
Dataset random_dataset(const DataFolder& folder) {
  std::mt19937 random(3);
  const auto unit = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  Dataset data;
  data.folder = folder.path("pictures");
  data.categories = {{1, "person", "x"}, {7, "a \"b\"\\", ""}, {90, "\xC3\xA9", "y"}};
  for (int i = 0; i < 8; ++i) {
    const std::string name = "sub/" + std::to_string(100 + i) + ".jpg";
    const Picture picture{100 + i, name, 31 + 97 * i, 17 + 53 * i};
    folder.write_picture("pictures/" + name, picture.width, picture.height);
    data.pictures.push_back(picture);
  }
  for (int i = 0; i < 200; ++i) {
    Annotation a;
    a.id = 1000 + i;
    a.picture = static_cast<std::int32_t>(random() % 7);  // the last one is empty
    a.category = static_cast<std::int32_t>(random() % 3);
    const Picture& picture = data.pictures[static_cast<std::size_t>(a.picture)];
    a.x = unit() * picture.width;
    a.y = unit() * picture.height;
    a.w = (picture.width - a.x) * unit();
    a.h = (picture.height - a.y) * unit();
    a.area = a.w * a.h * unit();
    data.annotations.push_back(a);
  }
  return data;
}

TEST(WriteCoco, IsReadAgainEqual) {
  const DataFolder folder;
  Dataset data = random_dataset(folder);
  data.annotations[3].crowd = true;
  data.pictures[2].width = data.pictures[2].height = 0;
  const std::string path = folder.path("pictures/out.json");
  ASSERT_TRUE(write_coco(data, path).ok());
  const auto back = read_dataset(path);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_TRUE(fs::equivalent(back->folder, data.folder));
  ASSERT_EQ(back->pictures.size(), data.pictures.size());
  for (std::size_t i = 0; i < data.pictures.size(); ++i) {
    EXPECT_EQ(back->pictures[i].id, data.pictures[i].id);
    EXPECT_EQ(back->pictures[i].file, data.pictures[i].file);
    EXPECT_EQ(back->pictures[i].width, data.pictures[i].width);
  }
  ASSERT_EQ(back->categories.size(), data.categories.size());
  for (std::size_t i = 0; i < data.categories.size(); ++i) {
    EXPECT_EQ(back->categories[i].name, data.categories[i].name);
    EXPECT_EQ(back->categories[i].supercategory, data.categories[i].supercategory);
  }
  ASSERT_EQ(back->annotations.size(), data.annotations.size());
  for (std::size_t i = 0; i < data.annotations.size(); ++i) {
    const Annotation &a = back->annotations[i], &b = data.annotations[i];
    EXPECT_TRUE(a.id == b.id && a.picture == b.picture && a.category == b.category && a.x == b.x && a.y == b.y &&
                a.w == b.w && a.h == b.h && a.area == b.area && a.crowd == b.crowd)
        << i;
  }
}

TEST(WriteCoco, ResultsAreReadAgainEqual) {
  const DataFolder folder;
  const Dataset data = random_dataset(folder);
  std::vector<ScoredBox> boxes;
  for (const Annotation& a : data.annotations) boxes.push_back({a.picture, a.category, a.x, a.y, a.w, a.h, a.x / 1e9});
  const std::string path = folder.path("results.json");
  ASSERT_TRUE(write_coco_results(data, boxes, path).ok());
  const auto back = read_coco_results(path, data);
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_EQ(back->boxes.size(), boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_EQ(back->boxes[i].category, boxes[i].category);
    EXPECT_EQ(back->boxes[i].h, boxes[i].h);
    EXPECT_EQ(back->boxes[i].score, boxes[i].score);
  }
  EXPECT_FALSE(write_coco_results(data, boxes, folder.path("none/results.json")).ok());
  ASSERT_TRUE(write_coco_results(data, {}, path).ok());
  EXPECT_TRUE(read_coco_results(path, data)->boxes.empty());
}

// COCO to YOLO to COCO keeps every box to a millionth of a pixel.
TEST(WriteYolo, RoundTripKeepsTheBoxes) {
  const DataFolder folder;
  const Dataset data = random_dataset(folder);
  const auto written = write_yolo(data, folder.path("yolo"));
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->pictures, 8U);
  EXPECT_EQ(written->boxes, 200U);
  EXPECT_EQ(written->clipped + written->empty + written->crowds, 0U);
  const auto yolo = read_dataset(folder.path("yolo/data.yaml"));
  ASSERT_TRUE(yolo.ok()) << yolo.error().message;
  ASSERT_TRUE(write_coco(*yolo, folder.path("back.json")).ok());
  const auto back = read_dataset(folder.path("back.json"));
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_EQ(back->annotations.size(), 200U);
  std::size_t next = 0;
  for (std::int32_t picture = 0; picture < 8; ++picture) {
    for (const Annotation& before : data.annotations) {
      if (before.picture != picture) continue;
      const Annotation& after = back->annotations[next++];
      EXPECT_EQ(back->pictures[static_cast<std::size_t>(after.picture)].id, 100 + picture);
      EXPECT_EQ(after.category, before.category);
      EXPECT_NEAR(after.x, before.x, 1e-6);
      EXPECT_NEAR(after.y, before.y, 1e-6);
      EXPECT_NEAR(after.w, before.w, 1e-6);
      EXPECT_NEAR(after.h, before.h, 1e-6);
    }
  }
  EXPECT_EQ(back->categories[1].name, data.categories[1].name);
}

TEST(WriteYolo, WhatTheFormatCannotSayIsCounted) {
  const DataFolder folder;
  Dataset data;
  data.pictures = {{1, "a.jpg", 10, 10}};
  data.categories = {{5, "c", ""}};
  data.annotations = {{1, 0, 0, -2, -2, 6, 6, 36, false},  // clipped
                      {2, 0, 0, 20, 0, 5, 5, 25, false},   // outside
                      {3, 0, 0, 1, 1, 0, 5, 0, false},     // no width
                      {4, 0, 0, 1, 1, 5, 5, 25, true}};
  YoloWriteOptions options;
  options.pictures = Placing::kNone;
  const auto written = write_yolo(data, folder.path("out"), options);
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(written->boxes, 1U);
  EXPECT_EQ(written->clipped, 1U);
  EXPECT_EQ(written->empty, 2U);
  EXPECT_EQ(written->crowds, 1U);
  EXPECT_EQ(text_of(folder.path("out/labels/val/a.txt")), "0 0.2 0.2 0.4 0.4\n");
  EXPECT_EQ(text_of(folder.path("out/data.yaml")), "train: images/val\nval: images/val\nnc: 1\nnames:\n  - \"c\"\n");
}

TEST(WriteYolo, SplitsShareOneFolder) {
  const DataFolder folder;
  Dataset data = random_dataset(folder);
  ASSERT_TRUE(write_yolo(data, folder.path("out")).ok());
  EXPECT_EQ(write_yolo(data, folder.path("out")).error().code, ErrorCode::kIo);
  YoloWriteOptions options;
  options.split = "train";
  options.pictures = Placing::kCopy;
  ASSERT_TRUE(write_yolo(data, folder.path("out"), options).ok());
  EXPECT_EQ(text_of(folder.path("out/data.yaml")).find("train: images/train\nval: images/val\n"), 0U);
  EXPECT_GT(fs::hard_link_count(folder.path("out/images/val/sub/100.jpg")), 1U);
  EXPECT_EQ(fs::hard_link_count(folder.path("out/images/train/sub/100.jpg")), 1U);
  options.split = "test";
  data.categories[0].name = "other";
  EXPECT_EQ(write_yolo(data, folder.path("out"), options).error().code, ErrorCode::kInvalid);
  options.split = "../x";
  EXPECT_EQ(write_yolo(data, folder.path("out"), options).error().code, ErrorCode::kInvalid);
}

TEST(WriteYolo, NothingLandsOutsideAndNothingStaysAfterAnError) {
  const DataFolder folder;
  Dataset data = random_dataset(folder);
  const std::string outside = folder.write_picture("outside.jpg", 31, 17);
  data.pictures[0].file = "../outside.jpg";
  data.pictures[1].file = outside.substr(0, outside.size() - 11) + "pictures/sub/101.jpg";  // absolute
  ASSERT_TRUE(write_yolo(data, folder.path("out")).ok());
  EXPECT_TRUE(fs::exists(folder.path("out/images/val/outside.jpg")));
  EXPECT_TRUE(fs::exists(folder.path("out/images/val/101.jpg")));

  folder.write("blocked/images", "not a folder");
  EXPECT_EQ(write_yolo(data, folder.path("blocked")).error().code, ErrorCode::kIo);
  EXPECT_FALSE(fs::exists(folder.path("blocked/labels/val")));

  data.pictures[5].file = "sub/absent.jpg";
  const auto missing = write_yolo(data, folder.path("other"));
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder.path("other/images/val")));
  EXPECT_FALSE(fs::exists(folder.path("other/data.yaml")));
  data.pictures[5].file = "sub/104.png";  // its label file would be that of sub/104.jpg
  EXPECT_EQ(write_yolo(data, folder.path("other")).error().code, ErrorCode::kInvalid);
  data.pictures[5] = {1, "x.jpg", 0, 0};
  EXPECT_EQ(write_yolo(data, folder.path("other")).error().code, ErrorCode::kInvalid);
}

// Runs of one command at the same time: what the first has made stays, and nothing else does.
TEST(WriteYolo, OfSeveralAtOnceOneComesFirst) {
  const DataFolder folder;
  const Dataset data = random_dataset(folder);
  for (const bool there : {false, true}) {  // the folder, to which a split is added
    const std::string out = folder.path(there ? "there" : "new");
    if (there) fs::create_directories(out);
    std::array<bool, 8> done{};
    {
      std::vector<std::thread> threads;
      for (bool& one : done) threads.emplace_back([&] { one = write_yolo(data, out).ok(); });
      for (std::thread& thread : threads) thread.join();
    }
    EXPECT_EQ(std::ranges::count(done, true), 1) << there;
    const auto back = read_dataset(out);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->pictures.size(), data.pictures.size());
    EXPECT_EQ(back->annotations.size(), data.annotations.size());
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(out)) ++entries;
    EXPECT_EQ(entries, 3U) << "images, labels, data.yaml";
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"new", "pictures", "there"}));
}

// An exception passes no clean-up by.
TEST(WriteYolo, AFileWhereAFolderIsNeededLeavesNothing) {
  const DataFolder folder;
  Dataset data = random_dataset(folder);
  data.pictures.resize(2);
  data.annotations = {{1, 0, 0, 1, 1, 5, 5, 25, false}, {2, 1, 0, 1, 1, 5, 5, 25, false}};
  data.pictures[0] = {1, "a", 10, 10};
  data.pictures[1] = {2, "a.txt/b", 10, 10};  // a.txt is the label file of a
  YoloWriteOptions options;
  options.pictures = Placing::kNone;
  const auto written = write_yolo(data, folder.path("out"), options);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"pictures"});
}

TEST(PlacePicture, LinksCopiesAndRefuses) {
  const DataFolder folder;
  const std::string from = folder.write_picture("set/a.jpg", 8, 8), link = folder.path("new/b.jpg");
  fs::create_symlink("a.jpg", folder.path("set/s.jpg"));
  Dataset data;
  data.folder = folder.path("set");
  const auto place = [&](const char* name, const std::string& to, Placing how) {
    return place_picture(data, {1, name, 8, 8}, folder.path(to), how);
  };
  ASSERT_TRUE(place("s.jpg", "new/b.jpg", Placing::kLink).ok());
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(link)));
  EXPECT_EQ(fs::hard_link_count(from), 2U);
  ASSERT_TRUE(place("a.jpg", "new/c.jpg", Placing::kCopy).ok());
  EXPECT_EQ(text_of(folder.path("new/c.jpg")), text_of(from));
  folder.write("set/key", "my private key");
  for (const Placing how : {Placing::kLink, Placing::kCopy}) {
    EXPECT_EQ(place("a.jpg", "new/b.jpg", how).error().code, ErrorCode::kIo);
    EXPECT_EQ(place("none.jpg", "d.jpg", how).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(place("key", "d.jpg", how).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(place(".", "d.jpg", how).error().code, ErrorCode::kInvalid);
  }
  EXPECT_FALSE(fs::exists(folder.path("d.jpg")));
}

// Who writes to the new set must not write to somebody else's files.
TEST(PlacePicture, WhatLiesElsewhereIsCopied) {
  const DataFolder folder;
  const std::string other = folder.write_picture("other.jpg", 8, 8);
  folder.write_picture("set/a.jpg", 8, 8);
  fs::create_symlink("../other.jpg", folder.path("set/s.jpg"));
  Dataset data;
  data.folder = folder.path("set");
  ASSERT_TRUE(place_picture(data, {1, "s.jpg", 8, 8}, folder.path("new/s.jpg"), Placing::kLink).ok());
  ASSERT_TRUE(place_picture(data, {2, other, 8, 8}, folder.path("new/o.jpg"), Placing::kLink).ok());
  EXPECT_EQ(text_of(folder.path("new/s.jpg")), text_of(other));
  EXPECT_EQ(fs::hard_link_count(other), 1U);
}

// A full disk, in small: the longest file that may be written.
TEST(PlacePicture, AnErrorOfTheTargetNamesTheTarget) {
  const DataFolder folder;
  folder.write_picture("a.jpg", 64, 64);
  Dataset data;
  data.folder = folder.path();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto placed = place_picture(data, {1, "a.jpg", 64, 64}, folder.path("b.jpg"), Placing::kCopy);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(placed.ok());
  EXPECT_EQ(placed.error().message, folder.path("b.jpg") + ": cannot write: File too large");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.jpg"});
}

}  // namespace
}  // namespace saker
