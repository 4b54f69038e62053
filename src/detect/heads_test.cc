// Decoders: heads with their own suppression, batches, broken numbers and shapes that changed.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "detect/nms.h"
#include "support/detect_testing.h"

namespace saker {
namespace {

using testing::StridedTensor;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

HeadSpec spec_of(HeadKind kind, int classes = 3) {
  HeadSpec spec;
  spec.kind = kind;
  spec.classes = classes;
  spec.input_height = spec.input_width = 32;
  spec.strides = {8, 16, 32};
  spec.outputs = {0};
  return spec;
}

std::vector<Candidate> run(const HeadSpec& spec, const std::vector<TensorView>& outputs, int picture = 0,
                           DecodeOptions options = {}) {
  std::vector<Candidate> candidates;
  const Status status = decode(spec, outputs, picture, options, candidates);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return candidates;
}

TEST(EndToEndHead, RowsAboveConf) {
  const StridedTensor tensor({1, 2, 3, 4, 0.9F, 2, 5, 6, 7, 8, 0.2F, 0, 1, 1, 2, 2, 0.8F, 0, 0, 0, 0, 0, 0, 0},
                             {2, 2, 6});
  const auto first = run(spec_of(HeadKind::kEndToEnd), {tensor.view()}, 0);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].class_id, 2);
  EXPECT_FLOAT_EQ(first[0].x2, 3);
  const auto second = run(spec_of(HeadKind::kEndToEnd), {tensor.view()}, 1);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_FLOAT_EQ(second[0].score, 0.8F);
}

TEST(EndToEndHead, DropsClassesThatDoNotExist) {
  const StridedTensor tensor({1, 2, 3, 4, 0.9F, -1,    1, 2, 3, 4, 0.9F, 3,    1, 2, 3, 4, 0.9F, kNan,
                              1, 2, 3, 4, 0.9F, 1e30F, 1, 2, 3, 4, 0.9F, kInf, 1, 2, 3, 4, 0.9F, 2},
                             {1, 6, 6});
  const auto found = run(spec_of(HeadKind::kEndToEnd), {tensor.view()});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_id, 2);
}

TEST(NmsRowsHead, RowsOfThePicture) {
  const StridedTensor tensor({0, 1, 2, 3, 4, 1, 0.9F, 1, 5, 6, 7, 8, 2, 0.8F, kNan, 5, 6, 7, 8, 2, 0.8F}, {3, 7});
  const auto first = run(spec_of(HeadKind::kNmsRows), {tensor.view()}, 0);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].class_id, 1);
  const auto second = run(spec_of(HeadKind::kNmsRows), {tensor.view()}, 1);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].class_id, 2);
  EXPECT_FLOAT_EQ(second[0].y2, 8);
}

TEST(HeadsWithoutRows, GiveNothing) {
  EXPECT_TRUE(run(spec_of(HeadKind::kEndToEnd), {StridedTensor({}, {1, 0, 6}).view()}).empty());
  EXPECT_TRUE(run(spec_of(HeadKind::kNmsRows), {StridedTensor({}, {0, 7}).view()}).empty());
  EXPECT_TRUE(run(spec_of(HeadKind::kYolov5), {StridedTensor({}, {1, 0, 8}).view()}).empty());
}

TEST(Heads, ReadTheirPictureOfTheBatch) {
  std::vector<float> values(std::size_t{2} * 7 * 21, 0.0F);
  for (std::size_t picture = 0; picture < 2; ++picture) {
    const float row[] = {16, 16, 8, 8, 0, 0, 0};
    for (std::size_t channel = 0; channel < 7; ++channel) values[(picture * 7 + channel) * 21 + 5] = row[channel];
    values[(picture * 7 + 4 + picture) * 21 + 5] = 0.5F + 0.25F * static_cast<float>(picture);
  }
  HeadSpec spec = spec_of(HeadKind::kYolov8);
  spec.channels_first = true;
  for (const auto& order : {std::vector<std::size_t>{0, 1, 2}, std::vector<std::size_t>{2, 1, 0}}) {
    const StridedTensor tensor(values, {2, 7, 21}, order);
    for (int picture = 0; picture < 2; ++picture) {
      const auto found = run(spec, {tensor.view()}, picture);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].class_id, picture);
      EXPECT_FLOAT_EQ(found[0].x1, 12);
    }
  }
}

TEST(Heads, IgnoreMaskCoefficients) {
  std::vector<float> values(std::size_t{21} * 9, 0.0F);
  const float row[] = {16, 16, 8, 8, 0.3F, 0.6F, 0.1F, 50, 60};
  std::copy(std::begin(row), std::end(row), values.begin() + 9);
  HeadSpec spec = spec_of(HeadKind::kYolov8);
  spec.extra_channels = 2;
  const auto found = run(spec, {StridedTensor(values, {1, 21, 9}).view()}, 0, {0.25F, true});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_FLOAT_EQ(found[1].score, 0.6F);
}

TEST(Heads, TiesGoToTheLowerClass) {
  std::vector<float> values(std::size_t{21} * 7, 0.0F);
  const float row[] = {16, 16, 8, 8, 0.3F, 0.6F, 0.6F};
  std::copy(std::begin(row), std::end(row), values.begin());
  const auto found = run(spec_of(HeadKind::kYolov8), {StridedTensor(values, {1, 21, 7}).view()});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_id, 1);
}

void expect_sound(const std::vector<Candidate>& candidates, int classes) {
  for (const Candidate& c : candidates) {
    EXPECT_TRUE(std::isfinite(c.x1) && std::isfinite(c.y1) && std::isfinite(c.x2) && std::isfinite(c.y2));
    EXPECT_TRUE(std::isfinite(c.score));
    EXPECT_LE(c.x1, c.x2);
    EXPECT_LE(c.y1, c.y2);
    EXPECT_GE(c.class_id, 0);
    EXPECT_LT(c.class_id, classes);
  }
}

// Values that a broken or hostile model could give.
std::vector<float> hostile(std::uint32_t seed, std::int64_t count) {
  const float kinds[] = {kNan, kInf, -kInf, 3e38F, -3e38F, 1e-40F, 0, -1, 0.9F, 100};
  testing::Random random(seed);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(kinds[static_cast<std::size_t>(random.unit() * 10)]);
  return values;
}

TEST(Heads, ReportNothingBroken) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    for (const bool multi_label : {false, true}) {
      const DecodeOptions options = {seed % 2 == 0 ? 0.0F : 0.25F, multi_label};
      const auto check = [&](const HeadSpec& spec, const std::vector<Shape>& shapes) {
        std::vector<StridedTensor> tensors;
        std::vector<TensorView> views;
        for (const Shape& shape : shapes) {
          std::int64_t count = 1;
          for (const std::int64_t extent : shape) count *= extent;
          tensors.emplace_back(hostile(seed, count), shape);
        }
        for (const StridedTensor& tensor : tensors) views.push_back(tensor.view());
        std::vector<Candidate> candidates;
        const Status status = decode(spec, views, 0, options, candidates);
        if (!status.ok()) {  // a score above 1 is an error, and nothing else is
          EXPECT_EQ(status.error().setting, "head") << status.error().message;
        }
        expect_sound(candidates, spec.classes);
        expect_sound(suppress(candidates, {}), spec.classes);
      };
      check(spec_of(HeadKind::kYolov5), {{1, 63, 8}});
      check(spec_of(HeadKind::kYolov8), {{1, 21, 7}});
      check(spec_of(HeadKind::kYolox), {{1, 21, 8}});
      check(spec_of(HeadKind::kYoloxDecoded), {{1, 21, 8}});
      check(spec_of(HeadKind::kEndToEnd), {{1, 300, 6}});
      check(spec_of(HeadKind::kNmsRows), {{300, 7}});
      HeadSpec raw = spec_of(HeadKind::kYolov5Raw);
      raw.logits = true;
      raw.anchors = coco_anchors();
      raw.outputs = {0, 1, 2};
      check(raw, {{1, 3, 4, 4, 8}, {1, 24, 2, 2}, {1, 3, 1, 1, 8}});
      HeadSpec nanodet = spec_of(HeadKind::kNanodet);
      nanodet.outputs = {0, 1, 2, 3, 4, 5};
      nanodet.bins = 8;
      HeadSpec plus = spec_of(HeadKind::kNanodetPlus);
      plus.bins = 8;
      check(plus, {{1, 21, 35}});
      check(spec_of(HeadKind::kYolov6), {{1, 21, 8}});
      check(spec_of(HeadKind::kRows), {{1, 21, 6}});
      HeadSpec pair = spec_of(HeadKind::kBoxesScores);
      pair.outputs = {0, 1};
      pair.normalized = pair.logits = seed % 3 == 0;
      check(pair, {{1, 21, 4}, {1, 21, 3}});
      HeadSpec cut = spec_of(HeadKind::kYolov8Raw);
      cut.outputs = {0, 0, 1, 1, 2, 2};
      cut.bins = 16;
      cut.score_first = 64;
      cut.channels_first = true;
      check(cut, {{1, 67, 4, 4}, {1, 67, 2, 2}, {1, 67, 1, 1}});
      HeadSpec apart = spec_of(HeadKind::kNmsOutputs);
      apart.outputs = {0, 1, 2, 3};
      check(apart, {{1, 30, 4}, {1, 30}, {1, 30}, {1, 1}});
      check(nanodet, {{1, 16, 3}, {1, 16, 32}, {4, 3}, {4, 32}, {1, 1, 3}, {1, 1, 32}});
    }
  }
}

TEST(Heads, RefuseShapesThatChanged) {
  std::vector<Candidate> candidates;
  const auto fails = [&](const HeadSpec& spec, const Shape& shape, int picture = 0) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    const StridedTensor tensor(std::vector<float>(static_cast<std::size_t>(count), 1.0F), shape);
    const std::vector<TensorView> views(spec.outputs.size(), tensor.view());
    return !decode(spec, views, picture, {}, candidates).ok();
  };
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolov5), {1, 63, 7}));
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolov5), {63, 8}));
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolov8), {1, 21, 9}));
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolov8), {1, 21, 7}, 1));
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolov8), {1, 21, 7}, -1));
  EXPECT_TRUE(fails(spec_of(HeadKind::kYolox), {1, 22, 8}));
  EXPECT_TRUE(fails(spec_of(HeadKind::kEndToEnd), {1, 300, 7}));
  EXPECT_TRUE(fails(spec_of(HeadKind::kNmsRows), {300, 6}));
  HeadSpec raw = spec_of(HeadKind::kYolov5Raw);
  raw.logits = true;
  raw.anchors = coco_anchors();
  raw.outputs = {0, 0, 0};
  EXPECT_TRUE(fails(raw, {1, 3, 4, 4, 9}));
  EXPECT_TRUE(fails(raw, {1, 24, 4, 3}));
  HeadSpec nanodet = spec_of(HeadKind::kNanodet);
  nanodet.outputs = {0, 0, 0, 0, 0, 0};
  EXPECT_TRUE(fails(nanodet, {16, 4}));
  EXPECT_TRUE(fails(nanodet, {16, 3}, 1));
  HeadSpec missing = spec_of(HeadKind::kYolov8);
  missing.outputs = {4};
  EXPECT_FALSE(decode(missing, {}, 0, {}, candidates).ok());
}

TEST(Heads, RefuseIntegerOutputs) {
  TensorView view = StridedTensor({}, {1, 0, 7}).view();
  view.dtype = DType::kInt64;
  std::vector<Candidate> candidates;
  const std::vector<TensorView> views = {view};
  EXPECT_EQ(decode(spec_of(HeadKind::kYolov8), views, 0, {}, candidates).error().code, ErrorCode::kUnsupported);
}

TEST(HeadNames, EachIsFoundAgain) {
  const std::vector<std::string> names = head_names();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "auto");
  for (const std::string& name : names) {
    const auto head = head_from_name(name);
    ASSERT_TRUE(head.has_value()) << name;
    EXPECT_EQ(head_name(*head), name);
  }
  EXPECT_FALSE(head_from_name("yolov99").has_value());
}

}  // namespace
}  // namespace saker
