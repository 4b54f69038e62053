// Finding the heads of what exporters write, by shapes, operators and the values of a run as these files have them.
#include <gtest/gtest.h>

#include <algorithm>

#include "detect/heads/evidence.h"

namespace saker {
namespace {

constexpr std::int64_t kCells = 84;  // of 64 x 64 pixels

// An output and what a run gives, by `value(place, channel)`.
struct Export {
  HeadEvidence evidence;
  ProbedOutputs outputs;

  Export() { evidence.height = evidence.width = 64; }

  template <typename Value>
  Export& add(const std::string& name, const Shape& shape, std::size_t channel_axis, Value value,
              std::set<std::string> makers = {}) {
    ProbedOutput output{shape, {}};
    std::int64_t total = 1, inner = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      total *= shape[axis];
      if (axis > channel_axis) inner *= shape[axis];
    }
    const std::int64_t channels = shape[channel_axis];
    for (std::int64_t i = 0; i < total; ++i)
      output.values.push_back(value((i / inner / channels) * inner + i % inner, i / inner % channels));
    outputs.push_back(std::move(output));
    evidence.outputs.push_back({name, shape, std::move(makers)});
    return *this;
  }

  Result<FoundHead> find(HeadKind wanted = HeadKind::kAuto) {
    evidence.probe = [this]() -> Result<ProbedOutputs> { return outputs; };
    return find_head(evidence, wanted);
  }
  HeadSpec must_find(HeadKind kind, int classes) {
    const auto found = find();
    EXPECT_TRUE(found.ok()) << found.error().message;
    if (!found.ok()) return {};
    EXPECT_STREQ(head_name(found->spec.kind), head_name(kind)) << found->reason;
    EXPECT_EQ(found->spec.classes, classes);
    return found->spec;
  }
};

// Boxes in pixels all over the picture: centre and size, or corners.
float centre_box(std::int64_t place, std::int64_t channel) {
  return channel < 2 ? static_cast<float>((place * 7 + channel) % 60) : 5;
}
float corner_box(std::int64_t place, std::int64_t channel) {
  return centre_box(place, channel % 2) + (channel < 2 ? 0.0F : 9.0F);
}
float score(std::int64_t place, std::int64_t) {
  return static_cast<float>(place % 10) / 20;
}
float logit(std::int64_t place, std::int64_t channel) {
  return static_cast<float>((place + channel) % 9) - 9;
}
float some_class(std::int64_t place, std::int64_t) {
  return static_cast<float>(place % 3);
}

TEST(Exports, MaskCoefficientsAreResultsOfConvolutions) {
  Export file;
  const auto value = [](std::int64_t place, std::int64_t channel) {
    if (channel < 4) return centre_box(place, channel);
    return channel < 7 ? score(place, channel) : -2.5F;
  };
  file.add("output0", {1, 3 + 4 + 32, kCells}, 1, value, {"Mul", "Sigmoid", "Conv"});
  file.add("output1", {1, 32, 16, 16}, 1, logit, {"Mul"});
  EXPECT_EQ(file.must_find(HeadKind::kYolov8, 3).extra_channels, 32);
}

TEST(Exports, SidesAndClassesOfAllLevelsInTwoOutputs) {
  for (const bool channels_first : {false, true}) {
    Export file;
    const auto shape = [&](std::int64_t channels) {
      return channels_first ? Shape{1, channels, kCells} : Shape{1, kCells, channels};
    };
    file.add("boxes", shape(64), channels_first ? 1 : 2, logit, {"Conv"});
    file.add("classes", shape(20), channels_first ? 1 : 2, score, {"Sigmoid"});
    const HeadSpec spec = file.must_find(HeadKind::kYolov8Raw, 20);
    EXPECT_EQ(spec.outputs, (std::vector<std::size_t>{1, 0}));
    EXPECT_EQ(spec.channels_first, channels_first);
    EXPECT_EQ(spec.boxes_first, channels_first);
    EXPECT_EQ(spec.bins, 16);
    EXPECT_FALSE(spec.logits);
  }
}

TEST(Exports, SidesAndClassesInOneOutputByTheirConvolution) {
  Export file;
  file.add("output0", {1, 64 + 3, kCells}, 1, logit, {"Conv"});
  const HeadSpec spec = file.must_find(HeadKind::kYolov8Raw, 3);
  EXPECT_EQ(spec.score_first, 64);
  EXPECT_TRUE(spec.logits);
  // Decoded boxes of 63 classes are no sides.
  Export decoded;
  const auto value = [](std::int64_t place, std::int64_t channel) {
    return channel < 4 ? centre_box(place, channel) : score(place, channel);
  };
  decoded.add("output0", {1, 64 + 3, kCells}, 1, value, {"Mul", "Sigmoid"});
  decoded.must_find(HeadKind::kYolov8, 63);
}

TEST(Exports, MapsOfDistancesWithoutADistribution) {
  Export file;
  for (const std::int64_t side : {8, 4, 2}) {
    file.add("box", {1, 4, side, side}, 1, logit, {"Conv"});
    file.add("class", {1, 5, side, side}, 1, score, {"Sigmoid"});
    file.add("sum", {1, 1, side, side}, 1, score, {"Clip"});
  }
  const HeadSpec spec = file.must_find(HeadKind::kYolov8Raw, 5);
  EXPECT_EQ(spec.bins, 1);
  EXPECT_EQ(spec.outputs, (std::vector<std::size_t>{1, 0, 4, 3, 7, 6}));
}

TEST(Exports, MapsOfYolov5WithChannelsLast) {
  Export file;
  for (const std::int64_t side : {8, 4, 2}) file.add("map", {1, side, side, 255}, 3, logit, {"Conv"});
  EXPECT_TRUE(file.must_find(HeadKind::kYolov5Raw, 80).logits);
  // They could be YOLOv8's with 26 classes, too.
  Export both;
  for (const std::int64_t side : {8, 4, 2}) both.add("map", {1, side, side, 90}, 3, logit, {"Conv"});
  const auto found = both.find();
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().message.find("yolov5-raw, 25 classes"), std::string::npos) << found.error().message;
  EXPECT_NE(found.error().message.find("yolov8-raw, 26 classes"), std::string::npos) << found.error().message;
}

TEST(Exports, RowsOfYolov5BeforeSuppression) {
  const auto row = [](std::int64_t place, std::int64_t channel) {
    if (channel < 4) return corner_box(place, channel);
    return channel == 4 ? score(place, 0) : some_class(place, 0);
  };
  Export file;
  file.add("output", {1, 3 * kCells, 6}, 2, row, {"ArgMax", "ReduceMax", "Mul"});
  file.must_find(HeadKind::kRows, 0);
  Export yolov5;
  yolov5.add("output", {1, 3 * kCells, 6}, 2,
             [](std::int64_t place, std::int64_t channel) {
               return channel < 4 ? centre_box(place, channel) : score(place, channel);
             },
             {"Mul", "Sigmoid"});
  yolov5.must_find(HeadKind::kYolov5, 1);
}

TEST(Exports, BoxesScoresAndClassesBeforeSuppression) {
  Export file;
  file.add("boxes", {1, kCells, 4}, 2, corner_box);
  file.add("scores", {1, kCells}, 1, [](std::int64_t, std::int64_t place) { return score(place, 0); });
  file.add("class_idx", {1, kCells}, 1, [](std::int64_t, std::int64_t place) { return some_class(place, 0); });
  const HeadSpec spec = file.must_find(HeadKind::kRows, 0);
  EXPECT_EQ(spec.outputs, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(head_family(spec.kind).needs_nms);
}

TEST(Exports, BoxesAndScoresOfThreeAnchors) {
  Export file;
  file.add("boxes", {1, 3 * kCells, 4}, 2, corner_box);
  file.add("scores", {1, 3 * kCells, 3}, 2, score);
  EXPECT_TRUE(file.must_find(HeadKind::kBoxesScores, 3).corners);
}

TEST(Exports, BoxesThatCarryTheirScore) {
  Export file;
  file.add("dets", {1, 100, 5}, 2, corner_box);
  file.add("labels", {1, 100}, 1, some_class);
  const HeadSpec spec = file.must_find(HeadKind::kNmsOutputs, 0);
  EXPECT_EQ(spec.outputs, (std::vector<std::size_t>{0, 0, 1}));
  EXPECT_EQ(spec.score_first, 4);
}

TEST(Exports, RowsThatBeginWithTheClass) {
  const auto row = [](std::int64_t place, std::int64_t channel) {
    if (channel == 0) return some_class(place, 0);
    return channel == 1 ? score(place, 0) : corner_box(place, channel - 2) + 0.5F;
  };
  Export file;
  file.add("multiclass_nms3_0.tmp_0", {7, 6}, 1, row);
  EXPECT_TRUE(file.must_find(HeadKind::kEndToEnd, 0).class_first);
  Export usual;
  usual.add("output", {7, 6}, 1, [](std::int64_t place, std::int64_t channel) {
    if (channel < 4) return corner_box(place, channel) + 0.5F;
    return channel == 4 ? score(place, 0) : some_class(place, 0);
  });
  EXPECT_FALSE(usual.must_find(HeadKind::kEndToEnd, 0).class_first);
}

TEST(Exports, Yolov8InCornersOrFractions) {
  for (const bool corners : {false, true}) {
    for (const float scale : {1.0F, 1.0F / 64}) {
      Export file;
      file.evidence.channels_last = true;
      const auto value = [&](std::int64_t place, std::int64_t channel) {
        if (channel >= 4) return score(place, channel);
        return (corners ? corner_box(place, channel) : centre_box(place, channel)) * scale;
      };
      file.add("output", {1, 7, kCells}, 1, value, {"Mul", "Sigmoid"});
      const HeadSpec spec = file.must_find(HeadKind::kYolov8, 3);
      EXPECT_EQ(spec.corners, corners);
      EXPECT_EQ(spec.normalized, scale < 1);
    }
  }
}

TEST(Exports, TransformersWithAClassForNothing) {
  const auto box = [](std::int64_t place, std::int64_t channel) { return centre_box(place, channel) / 64; };
  const auto nothing = [](std::int64_t place, std::int64_t channel) {
    return channel == 91 ? 4.0F : logit(place, channel);
  };
  Export detr;
  detr.add("logits", {1, 100, 92}, 2, nothing);
  detr.add("pred_boxes", {1, 100, 4}, 2, box);
  HeadSpec spec = detr.must_find(HeadKind::kDetr, 91);
  EXPECT_TRUE(spec.no_object);
  EXPECT_FLOAT_EQ(default_preprocess(spec).mean[0], 0.485F);
  Export rt_detr;
  rt_detr.add("logits", {1, 300, 80}, 2, logit);
  rt_detr.add("pred_boxes", {1, 300, 4}, 2, box);
  spec = rt_detr.must_find(HeadKind::kDetr, 80);
  EXPECT_FALSE(spec.no_object);
  EXPECT_FLOAT_EQ(default_preprocess(spec).mean[0], 0);
  EXPECT_NE(rt_detr.find()->notes.at(0).find("`mean`"), std::string::npos);
}

TEST(Exports, ScoresOfQueriesHoldNoBoxes) {
  Export file;
  const auto fraction = [](std::int64_t place, std::int64_t) { return 0.1F + score(place, 0); };
  file.add("logits", {1, 300, 91}, 2, fraction);
  file.add("pred_boxes", {1, 300, 4}, 2, fraction);
  EXPECT_EQ(file.must_find(HeadKind::kDetr, 91).outputs, (std::vector<std::size_t>{1, 0}));
}

TEST(Exports, RfDetrIsToldByItsNamesAndNormalizes) {
  Export file;
  file.add("dets", {1, 300, 4}, 2,
           [](std::int64_t place, std::int64_t channel) { return centre_box(place, channel) / 64; });
  file.add("labels", {1, 300, 91}, 2, logit);
  const HeadSpec spec = file.must_find(HeadKind::kDetr, 91);
  EXPECT_TRUE(spec.imagenet);
  const Preprocess preprocess = default_preprocess(spec);
  EXPECT_EQ(preprocess.fit, Fit::kStretch);
  EXPECT_FLOAT_EQ(preprocess.mean[2], 0.406F);
  EXPECT_FLOAT_EQ(preprocess.std[0], 0.229F);
}

}  // namespace
}  // namespace saker
