// Every kind of problem in datasets that have it, all at once, and none in those that have none.
#include "data/check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/test_files.h"

namespace saker {
namespace {

using test::DataFolder;

std::size_t count(const CheckReport& report, Problem problem) {
  return report.counts[static_cast<std::size_t>(problem)];
}

std::string texts(const CheckReport& report, Problem problem) {
  std::string all;
  for (const DataFinding& finding : report.findings) {
    if (finding.problem == problem) all += finding.text + "\n";
  }
  return all;
}

CheckReport check(const std::string& path, bool decode = false) {
  CheckOptions options;
  options.decode = decode;
  auto report = check_data(path, options);
  EXPECT_TRUE(report.ok()) << report.error().message;
  return report.ok() ? std::move(*report) : CheckReport();
}

// One picture of 100 x 80 with boxes that are given as JSON.
CheckReport check_boxes(const std::string& boxes) {
  const DataFolder folder;
  folder.write_picture("a.png", 100, 80);
  return check(folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 80}],
    "categories": [{"id": 1, "name": "cat"}], "annotations": [)" +
                                             boxes + "]}"));
}
CheckReport check_box(const std::string& box) {
  return check_boxes(R"({"id": 1, "image_id": 1, "category_id": 1, "bbox": )" + box + "}");
}

TEST(Check, NothingWrong) {
  const CheckReport report = check_box("[10, 10, 50, 40]");
  EXPECT_EQ(report.errors(), 0U);
  EXPECT_EQ(report.warnings(), 0U);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.pictures, 1U);
  EXPECT_EQ(report.boxes, 1U);
  EXPECT_EQ(report.empty_pictures, 0U);
  ASSERT_EQ(report.classes.size(), 1U);
  EXPECT_EQ(report.classes[0].boxes, 1U);
  EXPECT_EQ(report.classes[0].pictures, 1U);
}

TEST(Check, Boxes) {
  EXPECT_EQ(count(check_box("[10, 10, 0, 40]"), Problem::kBoxEmpty), 1U);
  EXPECT_EQ(count(check_box("[10, 10, 5, 0]"), Problem::kBoxEmpty), 1U);
  EXPECT_EQ(count(check_box("[10, 10, 1.5, 40]"), Problem::kBoxTiny), 1U);
  EXPECT_EQ(count(check_box("[10, 10, 2, 2]"), Problem::kBoxTiny), 0U);
  // Over the edge: up to a pixel is rounding, up to 1 % of the side a warning.
  EXPECT_TRUE(check_box("[-1, 0, 101, 80]").findings.empty());
  EXPECT_TRUE(check_box("[50, 40, 51, 41]").findings.empty());
  EXPECT_EQ(count(check_box("[-1.1, 10, 20, 20]"), Problem::kBoxOutside), 1U);
  EXPECT_EQ(count(check_box("[90, 10, 20, 20]"), Problem::kBoxOutside), 1U);
  EXPECT_EQ(count(check_box("[10, 70, 20, 20]"), Problem::kBoxOutside), 1U);
  EXPECT_NE(texts(check_box("[90, 10, 20, 20]"), Problem::kBoxOutside).find("10 pixels over the edge of 100 x 80"),
            std::string::npos);
  EXPECT_NE(texts(check_box("[200, 10, 20, 20]"), Problem::kBoxOutside).find("outside 100 x 80"), std::string::npos);
  // The reader leaves these out.
  EXPECT_EQ(count(check_box("[10, 10, -5, 40]"), Problem::kEntry), 1U);
  EXPECT_EQ(count(check_box("[10, 10, 5]"), Problem::kEntry), 1U);
}

TEST(Check, LargePicturesAllowOnePercent) {
  const DataFolder folder;
  folder.write_picture("a.png", 1000, 10);
  const CheckReport report = check(folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "a.png"}],
    "categories": [{"id": 1, "name": "cat"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [-9, 0, 20, 10]},
                    {"id": 2, "image_id": 1, "category_id": 1, "bbox": [-11, 0, 20, 10]},
                    {"id": 3, "image_id": 1, "category_id": 1, "bbox": [-9, 0, 8, 10]}]})"));
  EXPECT_EQ(count(report, Problem::kBoxOverEdge), 1U);
  EXPECT_EQ(count(report, Problem::kBoxOutside), 2U) << texts(report, Problem::kBoxOutside);
}

TEST(Check, IdsAndDuplicates) {
  const std::string box = R"("image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]})";
  const CheckReport report = check_boxes(R"({"id": 0, )" + box + R"(, {"id": 4, )" + box + R"(, {"id": 4, )" + box);
  EXPECT_EQ(count(report, Problem::kIdZero), 1U);
  EXPECT_EQ(count(report, Problem::kBoxTwice), 1U);
  EXPECT_EQ(count(report, Problem::kEntry), 1U) << "the id that is there twice";
  EXPECT_EQ(texts(report, Problem::kBoxTwice).find("annotation 4 (cat)") != std::string::npos, true);
}

TEST(Check, Pictures) {
  const DataFolder folder;
  folder.write_picture("good.png", 20, 10);
  folder.write_picture("turned.png", 10, 20);
  folder.write_picture("other.png", 10, 20);
  folder.write_picture("unused.png", 10, 20);
  folder.write("cut.png", "\x89PNG\r\n");
  const CheckReport report = check(folder.write("coco.json", R"({"images": [
      {"id": 1, "file_name": "good.png", "width": 20, "height": 10},
      {"id": 2, "file_name": "turned.png", "width": 20, "height": 10},
      {"id": 3, "file_name": "cut.png"}, {"id": 4, "file_name": "none.png"}, {"id": 5},
      {"id": 6, "file_name": "good.png"}, {"id": 7, "file_name": "other.png", "width": 11, "height": 20}],
    "categories": [], "annotations": []})"));
  EXPECT_EQ(count(report, Problem::kPictureSize), 2U);
  EXPECT_NE(texts(report, Problem::kPictureSize).find("is 10 x 20, annotated as 20 x 10 (turned by its EXIF"),
            std::string::npos);
  EXPECT_EQ(count(report, Problem::kPictureUnreadable), 1U);
  EXPECT_EQ(count(report, Problem::kPictureMissing), 2U);
  EXPECT_EQ(count(report, Problem::kPictureTwice), 1U);
  EXPECT_EQ(texts(report, Problem::kPictureUnused), folder.path("unused.png") + "\n");
  EXPECT_EQ(report.empty_pictures, 7U);
}

// The header of a picture is whole, its pixels are not.
TEST(Check, DecodeFindsBrokenPixels) {
  const DataFolder folder;
  folder.write_picture("a.jpg", 64, 64);
  std::filesystem::resize_file(folder.path("a.jpg"), std::filesystem::file_size(folder.path("a.jpg")) - 20);
  const std::string path = folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "a.jpg"}],
    "categories": [], "annotations": []})");
  EXPECT_EQ(check(path).errors(), 0U);
  EXPECT_EQ(count(check(path, true), Problem::kPictureUnreadable), 1U);
}

TEST(Check, NoPictureAtAllIsSaidOnce) {
  const DataFolder folder;
  const CheckReport report = check(folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "a.png"},
    {"id": 2, "file_name": "b.png"}], "categories": [], "annotations": []})"));
  EXPECT_EQ(count(report, Problem::kPictureMissing), 1U);
  EXPECT_NE(texts(report, Problem::kPictureMissing).find("none of the 2 pictures"), std::string::npos);
}

TEST(Check, Classes) {
  const DataFolder folder;
  folder.write_picture("a.png", 100, 80);
  const CheckReport report = check(folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "a.png"}],
    "categories": [{"id": 9, "name": "cat"}, {"id": 1, "name": "dog"}, {"id": 3, "name": "cat"}, {"id": 4, "name": "owl"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 9, "bbox": [1, 1, 20, 10]},
                    {"id": 2, "image_id": 1, "category_id": 9, "bbox": [1, 1, 40, 10], "iscrowd": 1},
                    {"id": 3, "image_id": 1, "category_id": 4, "bbox": [1, 1, 40, 10]}]})"));
  EXPECT_EQ(texts(report, Problem::kClassGap), "not used: 2, 5 to 8\n");
  EXPECT_EQ(texts(report, Problem::kClassTwice), "cat (id 3)\n");
  EXPECT_EQ(texts(report, Problem::kClassUnused), "dog (id 1)\ncat (id 3)\n");
  ASSERT_EQ(report.classes.size(), 4U);
  EXPECT_EQ(report.classes[0].boxes, 2U);
  EXPECT_EQ(report.classes[0].crowds, 1U);
  EXPECT_EQ(report.classes[0].pictures, 1U);
  EXPECT_EQ(report.crowds, 1U);
  EXPECT_EQ(report.errors(), 0U);
  EXPECT_EQ(report.warnings(), 4U);
}

TEST(Check, NothingButCrowdsIsAWarning) {
  const std::string crowd = R"("image_id": 1, "category_id": 1, "iscrowd": 1, "bbox": [1, 2, 30, 40]})";
  const CheckReport all = check_boxes(R"({"id": 1, )" + crowd);
  EXPECT_EQ(count(all, Problem::kAllCrowds), 1U);
  EXPECT_EQ(texts(all, Problem::kAllCrowds), "1 box; `crowd_as_object` counts them as objects\n");
  EXPECT_EQ(all.findings[0].setting, "crowd_as_object");
  EXPECT_EQ(all.errors(), 0U);
  const CheckReport some =
      check_boxes(R"({"id": 1, )" + crowd + R"(, {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]})");
  EXPECT_EQ(count(some, Problem::kAllCrowds), 0U);
}

TEST(Check, WhatIsLeftOfNothing) {
  const CheckReport report = check_boxes("5");
  EXPECT_EQ(count(report, Problem::kEntry), 1U);
  EXPECT_EQ(report.boxes, 0U);
}

TEST(Check, PathsOfAnotherMachine) {
  const DataFolder folder;
  folder.write_picture("a.png", 20, 10);
  const CheckReport report = check(folder.write("coco.json", R"({"images": [{"id": 1, "file_name": "D:\\x\\a.png"}],
    "categories": [], "annotations": []})"));
  EXPECT_EQ(count(report, Problem::kPathMoved), 1U);
  EXPECT_EQ(report.errors(), 0U) << texts(report, Problem::kPictureMissing);
}

TEST(Check, YoloLabels) {
  const DataFolder folder;
  folder.write_picture("images/a.png", 100, 100);
  folder.write_picture("images/b.png", 100, 100);
  folder.write("images/c.png", "not a picture");
  folder.write("labels/a.txt", "0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n1 .5 .5 x .2\n2 .5 .5 .1 .1\n");
  folder.write("labels/lost.txt", "0 .5 .5 .2 .2\n");
  folder.write("labels/classes.txt", "cat\ndog\n");
  const CheckReport report = check(folder.write("data.yaml", "val: images\nnames: [cat, dog]\n"));
  EXPECT_EQ(count(report, Problem::kEntry), 3U) << texts(report, Problem::kEntry);  // c.png, a.txt:3, a.txt:4
  EXPECT_EQ(count(report, Problem::kBoxTwice), 1U);
  EXPECT_NE(texts(report, Problem::kPictureUnused).find("lost.txt"), std::string::npos);
  EXPECT_EQ(count(report, Problem::kPictureUnused), 1U) << texts(report, Problem::kPictureUnused);
  EXPECT_EQ(texts(report, Problem::kClassUnused), "dog (id 1)\n");
  EXPECT_EQ(report.empty_pictures, 1U);
}

TEST(Check, FindingsAreBoundedAndStillCounted) {
  std::string boxes;
  constexpr std::size_t kBoxes = kMaxFindings + 5;
  for (std::size_t i = 1; i <= kBoxes; ++i) {
    boxes += (i > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(i) + R"(,"image_id":1,"category_id":1,"bbox":[)" +
             std::to_string(i) + ",0,0,0]}";
  }
  const CheckReport report = check_boxes(boxes);
  EXPECT_EQ(count(report, Problem::kBoxEmpty), kBoxes);
  EXPECT_EQ(report.findings.size(), kMaxFindings);
}

TEST(Check, NoDataset) {
  const DataFolder folder;
  EXPECT_EQ(check_data(folder.path("none.json"), {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(check_data(folder.write("cut.json", "{\"images\": ["), {}).error().code, ErrorCode::kInvalid);
}

TEST(Check, EveryProblemHasItsNameAndText) {
  for (std::size_t i = 0; i < kProblems; ++i) {
    const ProblemInfo& info = problem_info(static_cast<Problem>(i));
    ASSERT_NE(info.name, nullptr);
    EXPECT_GT(std::string(info.what).size(), 10U);
    EXPECT_EQ(info.error, i <= static_cast<std::size_t>(Problem::kBoxOutside));
  }
}

}  // namespace
}  // namespace saker
