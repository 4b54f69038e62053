// Finding heads by the shapes of outputs.
#include <gtest/gtest.h>

#include "detect/heads/head.h"

namespace saker {
namespace {

using Operators = std::map<std::string, int>;

Result<HeadSpec> find(const std::vector<Shape>& shapes, int height, int width, HeadKind wanted = HeadKind::kAuto,
                      const Operators& operators = {}) {
  std::vector<OutputInfo> outputs;
  outputs.reserve(shapes.size());
  for (const Shape& shape : shapes)
    outputs.push_back({std::string("out").append(std::to_string(outputs.size())), shape});
  return find_head(outputs, height, width, operators, wanted);
}

void expect_head(const Result<HeadSpec>& spec, HeadKind kind, int classes) {
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_STREQ(head_name(spec->kind), head_name(kind));
  EXPECT_EQ(spec->classes, classes);
}

TEST(FindHead, Yolov5) {
  expect_head(find({{1, 25200, 85}}, 640, 640), HeadKind::kYolov5, 80);
  expect_head(find({{4, 10647, 6}}, 416, 416), HeadKind::kYolov5, 1);
  expect_head(find({{1, 18900, 20}}, 480, 640), HeadKind::kYolov5, 15);
  expect_head(find({{1, 102000, 85}}, 1280, 1280), HeadKind::kYolov5, 80);  // P3-P6
}

TEST(FindHead, Yolov5DecodedIsPreferredToItsMaps) {
  const auto spec = find({{1, 3, 52, 52, 6}, {1, 3, 26, 26, 6}, {1, 3, 13, 13, 6}, {1, 10647, 6}}, 416, 416);
  expect_head(spec, HeadKind::kYolov5, 1);
  EXPECT_EQ(spec->outputs, std::vector<std::size_t>{3});
}

TEST(FindHead, Yolov5RawInAnyOrder) {
  const auto five = find({{1, 3, 13, 13, 6}, {1, 3, 52, 52, 6}, {1, 3, 26, 26, 6}}, 416, 416);
  expect_head(five, HeadKind::kYolov5Raw, 1);
  EXPECT_EQ(five->outputs, (std::vector<std::size_t>{1, 2, 0}));
  const auto four = find({{1, 255, 80, 80}, {1, 255, 40, 40}, {1, 255, 20, 20}}, 640, 640);
  expect_head(four, HeadKind::kYolov5Raw, 80);
  EXPECT_FALSE(find({{1, 255, 80, 80}, {1, 255, 40, 40}}, 640, 640).ok());
  EXPECT_FALSE(find({{1, 255, 80, 80}, {1, 24, 40, 40}, {1, 255, 20, 20}}, 640, 640).ok());
}

TEST(FindHead, Yolov8) {
  const auto spec = find({{1, 84, 8400}}, 640, 640);
  expect_head(spec, HeadKind::kYolov8, 80);
  EXPECT_TRUE(spec->channels_first);
  expect_head(find({{2, 5, 8400}}, 640, 640), HeadKind::kYolov8, 1);
  expect_head(find({{1, 84, 6300}}, 480, 640), HeadKind::kYolov8, 80);
  expect_head(find({{1, 84, 34000}}, 640, 640), HeadKind::kYolov8, 80);  // P2-P5
  const auto transposed = find({{1, 8400, 84}}, 640, 640, HeadKind::kYolov8);
  expect_head(transposed, HeadKind::kYolov8, 80);
  EXPECT_FALSE(transposed->channels_first);
  expect_head(find({{1, 8400, 5}}, 640, 640), HeadKind::kYolov8, 1);  // too few channels for YOLOX
}

TEST(FindHead, SegmentationModelsGiveTheirBoxes) {
  const auto spec = find({{1, 116, 8400}, {1, 32, 160, 160}}, 640, 640);
  expect_head(spec, HeadKind::kYolov8, 80);
  EXPECT_EQ(spec->mask_channels, 32);
  expect_head(find({{1, 25200, 117}, {1, 32, 160, 160}}, 640, 640), HeadKind::kYolov5, 80);
}

TEST(FindHead, YoloxByItsOperators) {
  expect_head(find({{1, 3549, 85}}, 416, 416), HeadKind::kYolox, 80);
  expect_head(find({{1, 3549, 85}}, 416, 416, HeadKind::kAuto, {{"Exp", 1}}), HeadKind::kYoloxDecoded, 80);
  expect_head(find({{1, 3549, 85}}, 416, 416, HeadKind::kYolox, {{"Exp", 1}}), HeadKind::kYolox, 80);
  expect_head(find({{1, 3549, 85}}, 416, 416, HeadKind::kYoloxDecoded), HeadKind::kYoloxDecoded, 80);
  const auto four_levels = find({{1, 8500, 6}}, 640, 640);
  expect_head(four_levels, HeadKind::kYolox, 1);
  EXPECT_EQ(four_levels->strides, (std::vector<int>{8, 16, 32, 64}));
}

TEST(FindHead, Nanodet) {
  const auto spec =
      find({{1, 2704, 80}, {1, 676, 80}, {1, 169, 80}, {1, 2704, 32}, {1, 676, 32}, {1, 169, 32}}, 416, 416);
  expect_head(spec, HeadKind::kNanodet, 80);
  EXPECT_EQ(spec->outputs, (std::vector<std::size_t>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(spec->bins, 8);
  // Distributions first, without a batch axis.
  const auto flat = find({{169, 32}, {676, 32}, {2704, 32}, {169, 7}, {676, 7}, {2704, 7}}, 416, 416);
  expect_head(flat, HeadKind::kNanodet, 7);
  EXPECT_EQ(flat->outputs, (std::vector<std::size_t>{5, 2, 4, 1, 3, 0}));
  // 32 classes: by order.
  const auto equal = find({{1600, 32}, {1600, 32}, {400, 32}, {400, 32}, {100, 32}, {100, 32}}, 320, 320);
  expect_head(equal, HeadKind::kNanodet, 32);
  EXPECT_EQ(equal->outputs, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_FALSE(find({{1600, 32}, {1600, 9}, {400, 32}, {400, 8}, {100, 32}, {100, 9}}, 320, 320).ok());
}

TEST(FindHead, HeadsWithTheirOwnSuppression) {
  expect_head(find({{1, 300, 6}}, 640, 640), HeadKind::kEndToEnd, 0);
  expect_head(find({{8, 0, 6}}, 640, 640), HeadKind::kEndToEnd, 0);
  expect_head(find({{100, 7}}, 640, 640), HeadKind::kNmsRows, 0);
  expect_head(find({{-1, 7}}, 640, 640), HeadKind::kNmsRows, 0);
  expect_head(find({{0, 7}}, 640, 640), HeadKind::kNmsRows, 0);
}

TEST(FindHead, UnknownShapesAreListedWithWhatHeadsNeed) {
  const auto spec = find({{1, 1000}, {1, 7, 7}}, 640, 640);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().code, ErrorCode::kUnsupported);
  const std::string& text = spec.error().message;
  for (const char* part : {"out0 [1, 1000]", "out1 [1, 7, 7]", "yolov5: [N, 25200, 5+classes]",
                           "yolov8: [N, 4+classes, 8400]", "nanodet", "end-to-end: [N, boxes, 6]", "`head`"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in:\n" << text;
  }
  EXPECT_FALSE(find({}, 640, 640).ok());
  EXPECT_FALSE(find({{}}, 640, 640).ok());
  EXPECT_FALSE(find({{1, 84, 8400}}, 0, 640).ok());
}

TEST(FindHead, ForcedHeadThatDoesNotFitSaysWhy) {
  const auto spec = find({{1, 84, 8400}}, 640, 640, HeadKind::kYolov5);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(spec.error().message.find("`head` yolov5"), std::string::npos);
  EXPECT_EQ(spec.error().setting, "head");
  EXPECT_NE(spec.error().message.find("[N, 25200, 5+classes]"), std::string::npos);
  EXPECT_NE(spec.error().message.find("[1, 84, 8400]"), std::string::npos);
}

TEST(FindHead, OddShapesNeverFit) {
  for (const Shape& shape : {Shape{1, 25200, 4}, Shape{1, 25200, 1000000}, Shape{1, 4, 8400}, Shape{1, -1, -1},
                             Shape{1, 8400, 4}, Shape{25200, 85}, Shape{1, 1, 25200, 85}, Shape{7}}) {
    EXPECT_FALSE(find({shape}, 640, 640).ok()) << to_string(shape);
  }
}

TEST(HeadDefaults, WhatEachFamilyTrainsWith) {
  const Preprocess ultralytics = default_preprocess(HeadKind::kYolov8);
  EXPECT_EQ(ultralytics.fit, Fit::kLetterboxCenter);
  EXPECT_FALSE(ultralytics.bgr);
  EXPECT_FLOAT_EQ(ultralytics.scale, 1.0F / 255);
  const Preprocess yolox = default_preprocess(HeadKind::kYoloxDecoded);
  EXPECT_EQ(yolox.fit, Fit::kLetterboxTopLeft);
  EXPECT_TRUE(yolox.bgr);
  EXPECT_FLOAT_EQ(yolox.scale, 1);
  const Preprocess nanodet = default_preprocess(HeadKind::kNanodet);
  EXPECT_EQ(nanodet.fit, Fit::kStretch);
  EXPECT_TRUE(nanodet.bgr);
  EXPECT_FLOAT_EQ(nanodet.mean[0], 103.53F);
  EXPECT_FLOAT_EQ(nanodet.std[2], 58.395F);
  EXPECT_FALSE(head_family(HeadKind::kEndToEnd).needs_nms);
  EXPECT_FALSE(head_family(HeadKind::kNmsRows).needs_nms);
  EXPECT_TRUE(head_family(HeadKind::kNanodet).needs_nms);
}

TEST(HeadNames, RoundTrip) {
  for (const HeadKind kind :
       {HeadKind::kAuto, HeadKind::kYolov5, HeadKind::kYolov5Raw, HeadKind::kYolov8, HeadKind::kEndToEnd,
        HeadKind::kNmsRows, HeadKind::kYolox, HeadKind::kYoloxDecoded, HeadKind::kNanodet}) {
    EXPECT_EQ(head_from_name(head_name(kind)), kind);
  }
  EXPECT_FALSE(head_from_name("yolo").has_value());
}

}  // namespace
}  // namespace saker
