// Finding heads by the shapes of outputs.
#include <gtest/gtest.h>

#include <algorithm>

#include "detect/heads/evidence.h"

namespace saker {
namespace {

HeadEvidence evidence_of(const std::vector<Shape>& shapes, int height, int width) {
  HeadEvidence evidence;
  evidence.height = height;
  evidence.width = width;
  for (const Shape& shape : shapes)
    evidence.outputs.push_back({std::string("out").append(std::to_string(evidence.outputs.size())), shape});
  return evidence;
}

Result<HeadSpec> spec_of(const HeadEvidence& evidence, HeadKind wanted = HeadKind::kAuto) {
  auto found = find_head(evidence, wanted);
  if (!found.ok()) return found.error();
  return found->spec;
}

// By shapes alone; `has_exp`: the graph decodes YOLOX's boxes.
Result<HeadSpec> find(const std::vector<Shape>& shapes, int height, int width, HeadKind wanted = HeadKind::kAuto,
                      bool has_exp = false) {
  HeadEvidence evidence = evidence_of(shapes, height, width);
  evidence.has_exp = has_exp;
  return spec_of(evidence, wanted);
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
  EXPECT_EQ(spec->extra_channels, 32);
  expect_head(find({{1, 25200, 117}, {1, 32, 160, 160}}, 640, 640), HeadKind::kYolov5, 80);
}

TEST(FindHead, YoloxByItsOperators) {
  expect_head(find({{1, 3549, 85}}, 416, 416), HeadKind::kYolox, 80);
  expect_head(find({{1, 3549, 85}}, 416, 416, HeadKind::kAuto, true), HeadKind::kYoloxDecoded, 80);
  expect_head(find({{1, 3549, 85}}, 416, 416, HeadKind::kYolox, true), HeadKind::kYolox, 80);
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

// An output of a run, filled by `value(place, channel)`; places x channels, or channels x places.
template <typename Value>
ProbedOutput probed(const Shape& shape, bool channels_first, Value value) {
  ProbedOutput output{shape, {}};
  const std::int64_t channels = shape[channels_first ? 1 : shape.size() - 1];
  std::int64_t total = 1;
  for (const std::int64_t extent : shape) total *= extent;
  const std::int64_t places = total / channels;
  for (std::int64_t i = 0; i < total; ++i) {
    output.values.push_back(channels_first ? value(i % places, i / places) : value(i / channels, i % channels));
  }
  return output;
}

// Boxes in pixels all over a picture of 64 x 64.
float pixel_box(std::int64_t place, std::int64_t channel) {
  return channel < 2 ? static_cast<float>((place * 7 + channel) % 60) : 5;
}
float some_score(std::int64_t place) {
  return static_cast<float>(place % 10) / 20;
}

HeadEvidence with_run(const std::vector<Shape>& shapes, ProbedOutputs outputs) {
  HeadEvidence evidence = evidence_of(shapes, 64, 64);
  evidence.probe = [outputs = std::move(outputs)]() -> Result<ProbedOutputs> { return outputs; };
  return evidence;
}

constexpr std::int64_t kCells = 84;  // of 64 x 64 pixels

TEST(HeadEvidence, NamesTellYolov8TransposedFromYolox) {
  HeadEvidence evidence = evidence_of({{1, kCells, 7}}, 64, 64);
  evidence.names = 3;
  evidence.named_by = "the model's metadata";
  const auto found = find_head(evidence, HeadKind::kAuto);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->spec.kind, HeadKind::kYolov8);
  EXPECT_EQ(found->spec.classes, 3);
  EXPECT_NE(found->reason.find("names 3 classes"), std::string::npos) << found->reason;
  const auto yolox = std::ranges::find(found->candidates, HeadKind::kYolox,
                                       [](const CandidateHead& candidate) { return candidate.spec.kind; });
  ASSERT_NE(yolox, found->candidates.end());
  EXPECT_NE(yolox->against.find("2 classes"), std::string::npos) << yolox->against;
}

TEST(HeadEvidence, NamesThatContradictTheOnlyHeadAreSaidWithBoth) {
  HeadEvidence evidence = evidence_of({{1, 7, kCells}}, 64, 64);
  evidence.names = 80;
  evidence.named_by = "the model's metadata";
  const auto found = find_head(evidence, HeadKind::kAuto);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInvalid);
  EXPECT_NE(found.error().message.find("3 classes, but the model's metadata names 80"), std::string::npos);
  EXPECT_TRUE(find_head(evidence, HeadKind::kYolov8).ok());
}

TEST(HeadEvidence, OperatorsTellRawFromDecodedAndLogitsFromProbabilities) {
  HeadEvidence evidence = evidence_of({{1, kCells, 8}}, 64, 64);
  evidence.outputs[0].makers = {"Conv", "Sigmoid"};
  auto spec = spec_of(evidence);
  expect_head(spec, HeadKind::kYolox, 3);
  EXPECT_FALSE(spec->logits);
  evidence.outputs[0].makers = {"Conv"};
  spec = spec_of(evidence);
  expect_head(spec, HeadKind::kYolox, 3);
  EXPECT_TRUE(spec->logits);
  HeadEvidence maps = evidence_of({{1, 24, 8, 8}, {1, 24, 4, 4}, {1, 24, 2, 2}}, 64, 64);
  for (OutputInfo& output : maps.outputs) output.makers = {"Sigmoid"};
  EXPECT_FALSE(spec_of(maps)->logits);
  for (OutputInfo& output : maps.outputs) output.makers = {"Conv"};
  EXPECT_TRUE(spec_of(maps)->logits);
}

TEST(HeadEvidence, ValuesTellTheHeadsOfOneShapeApart) {
  const Shape eight = {1, kCells, 8};
  const auto decoded = [](float objectness) {
    return [objectness](std::int64_t place, std::int64_t channel) {
      if (channel < 4) return pixel_box(place, channel);
      return channel == 4 && objectness > 0 ? objectness : some_score(place);
    };
  };
  expect_head(spec_of(with_run({eight}, {probed(eight, false, decoded(1))})), HeadKind::kYolov6, 3);
  HeadEvidence yolox = with_run({eight}, {probed(eight, false, decoded(0.5F))});
  yolox.has_exp = true;
  yolox.names = 3;
  expect_head(spec_of(yolox), HeadKind::kYoloxDecoded, 3);
  const auto raw = [](std::int64_t place, std::int64_t channel) {
    return channel < 4 ? 0.5F : static_cast<float>(place % 9) - 6;
  };
  const auto logits = spec_of(with_run({eight}, {probed(eight, false, raw)}));
  expect_head(logits, HeadKind::kYolox, 3);
  EXPECT_TRUE(logits->logits);
  const Shape six = {1, kCells, 6};
  const auto row = [](std::int64_t place, std::int64_t channel) {
    if (channel < 4) return pixel_box(place, channel % 2) + (channel < 2 ? 0.0F : 9.0F);
    return channel == 4 ? some_score(place) : static_cast<float>(place % 2);
  };
  HeadEvidence rows = with_run({six}, {probed(six, false, row)});
  rows.names = 2;  // as many as YOLOv8 transposed would have
  expect_head(spec_of(rows), HeadKind::kRows, 0);
}

TEST(HeadEvidence, BoxesAndScoresApartAreSettledByTheirValues) {
  const Shape boxes = {1, kCells, 4}, scores = {1, kCells, 8};
  const auto corner = [](std::int64_t place, std::int64_t channel) {
    return pixel_box(place, channel % 2) + (channel < 2 ? 0.0F : 9.0F);
  };
  const auto score = [](std::int64_t place, std::int64_t) { return some_score(place); };
  auto spec = spec_of(with_run({scores, boxes}, {probed(scores, false, score), probed(boxes, false, corner)}));
  expect_head(spec, HeadKind::kBoxesScores, 8);
  EXPECT_EQ(spec->outputs, (std::vector<std::size_t>{1, 0}));
  EXPECT_TRUE(spec->corners);
  EXPECT_FALSE(spec->normalized);
  const auto centre = [](std::int64_t place, std::int64_t channel) { return pixel_box(place, channel) / 64; };
  spec = spec_of(with_run({scores, boxes}, {probed(scores, false, score), probed(boxes, false, centre)}));
  expect_head(spec, HeadKind::kBoxesScores, 8);
  EXPECT_FALSE(spec->corners);
  EXPECT_TRUE(spec->normalized);
}

TEST(HeadEvidence, TransformersByTheirQueries) {
  const Shape together = {1, 300, 44}, boxes = {1, 300, 4}, logits = {1, 300, 91};
  const auto value = [](std::int64_t place, std::int64_t channel) {
    return channel < 4 ? pixel_box(place, channel) / 64 : some_score(place);
  };
  auto spec = spec_of(with_run({together}, {probed(together, false, value)}));
  expect_head(spec, HeadKind::kDetr, 40);
  EXPECT_FALSE(spec->logits);
  const auto logit = [](std::int64_t place, std::int64_t) { return static_cast<float>(place % 9) - 6; };
  spec = spec_of(with_run({boxes, logits}, {probed(boxes, false, value), probed(logits, false, logit)}));
  expect_head(spec, HeadKind::kDetr, 91);
  EXPECT_TRUE(spec->logits);
}

TEST(HeadEvidence, OtherTasksAreRefusedByName) {
  HeadEvidence evidence = evidence_of({{1, 56, kCells}}, 64, 64);
  evidence.task = "pose";
  EXPECT_NE(find_head(evidence, HeadKind::kAuto).error().message.find("pose"), std::string::npos);
  evidence.keypoint_values = 51;
  const auto pose = find_head(evidence, HeadKind::kAuto);
  ASSERT_TRUE(pose.ok());
  EXPECT_EQ(pose->spec.classes, 1);
  EXPECT_EQ(pose->spec.extra_channels, 51);
  EXPECT_EQ(pose->notes.size(), 1U);
  for (const char* task : {"obb", "classify"}) {
    evidence.task = task;
    const auto found = find_head(evidence, HeadKind::kAuto);
    ASSERT_FALSE(found.ok());
    EXPECT_NE(found.error().message.find(task), std::string::npos);
  }
  // Without metadata the values say that something is wrong.
  const Shape shape = {1, 56, kCells};
  const auto keypoint = [](std::int64_t place, std::int64_t channel) {
    return channel < 4 || channel > 4 ? pixel_box(place, channel % 2) : some_score(place);
  };
  const auto found = find_head(with_run({shape}, {probed(shape, true, keypoint)}), HeadKind::kAuto);
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().message.find("no probabilities"), std::string::npos) << found.error().message;
}

TEST(HeadEvidence, OnlyTheRunTellsShapesThatTheDataDecide) {
  HeadEvidence evidence = evidence_of({{0}}, 64, 64);
  EXPECT_FALSE(find_head(evidence, HeadKind::kAuto).ok());
  evidence.probe = []() -> Result<ProbedOutputs> { return ProbedOutputs{{{0, 6}, {}}}; };
  expect_head(spec_of(evidence), HeadKind::kEndToEnd, 0);
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
  for (const HeadKind kind : {HeadKind::kAuto, HeadKind::kYolov5, HeadKind::kYolov5Raw, HeadKind::kYolov8,
                              HeadKind::kEndToEnd, HeadKind::kNmsRows, HeadKind::kYolox, HeadKind::kYoloxDecoded,
                              HeadKind::kNanodet, HeadKind::kNanodetPlus, HeadKind::kYolov6, HeadKind::kYolov8Raw,
                              HeadKind::kBoxesScores, HeadKind::kRows, HeadKind::kDetr, HeadKind::kNmsOutputs}) {
    EXPECT_EQ(head_from_name(head_name(kind)), kind);
  }
  EXPECT_FALSE(head_from_name("yolo").has_value());
}

}  // namespace
}  // namespace saker
