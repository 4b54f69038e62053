// Boxes from any function on a dataset, and their evaluation as a whole.
#include "eval/found_boxes.h"

#include <gtest/gtest.h>
#include <saker/detector.h>

#include "base/compile_count.h"
#include "eval/evaluation.h"
#include "support/onnx_writer.h"

namespace saker {
namespace {

using namespace test_support;

// Pictures of 100x80, each with one box of the category "thing".
Dataset three_pictures() {
  Dataset dataset;
  dataset.path = "data.json";
  dataset.folder = "pictures";
  dataset.categories = {{1, "other", ""}, {2, "thing", ""}};
  for (int i = 0; i < 3; ++i) {
    dataset.pictures.push_back({i + 1, std::to_string(i) + ".jpg", 100, 80});
    Annotation truth;
    truth.id = i + 1;
    truth.picture = i;
    truth.category = 1;
    truth.x = 10, truth.y = 20, truth.w = 30, truth.h = 40, truth.area = 1200;
    dataset.annotations.push_back(truth);
  }
  return dataset;
}

const std::vector<std::string> kLabels = {"thing", "unknown"};

FoundInPicture right_boxes() {
  return {{{0, 0.9F, 10, 20, 40, 60}, {1, 0.8F, 0, 0, 9, 9}}, 100, 80, ""};
}

TEST(FindBoxes, AsksForEachPictureAndMapsItsClasses) {
  const Dataset data = three_pictures();
  std::vector<std::string> asked;
  std::vector<std::size_t> progress;
  CollectOptions options;
  options.progress = [&](std::size_t done, std::size_t) { progress.push_back(done); };
  const auto found = find_boxes(
      data, kLabels,
      [&](const std::string& path) {
        asked.push_back(path);
        FoundInPicture one = right_boxes();
        if (asked.size() == 2) one.width = 50;
        return one;
      },
      options);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(asked, (std::vector<std::string>{"pictures/0.jpg", "pictures/1.jpg", "pictures/2.jpg"}));
  EXPECT_EQ(progress, (std::vector<std::size_t>{1, 2, 3}));
  ASSERT_EQ(found->boxes.size(), 3U);  // none of the class that the data lacks
  EXPECT_EQ(found->boxes[1].picture, 1);
  EXPECT_EQ(found->boxes[1].category, 1);
  EXPECT_EQ(found->boxes[1].w, 30);
  EXPECT_EQ(found->boxes[1].h, 40);
  EXPECT_TRUE(found->failed.empty());
  EXPECT_GT(found->pictures_per_second, 0);
  ASSERT_FALSE(found->notes.empty());
  EXPECT_NE(found->notes.back().find("1 pictures have another size"), std::string::npos);
}

TEST(FindBoxes, APictureThatFailsEndsItOrIsLeftOut) {
  const Dataset data = three_pictures();
  int asked = 0;
  const auto second_fails = [&](const std::string&) {
    return ++asked == 2 ? FoundInPicture{{}, 0, 0, "it is broken"} : right_boxes();
  };
  const auto ended = find_boxes(data, kLabels, second_fails);
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::kIo);
  EXPECT_TRUE(ended.error().message.starts_with("it is broken\n"));
  EXPECT_EQ(ended.error().setting, "skip_bad");
  EXPECT_EQ(asked, 2);

  asked = 0;
  std::vector<std::string> warnings;
  CollectOptions options;
  options.skip_bad = true;
  options.warn = [&](const std::string& text) { warnings.push_back(text); };
  const auto left_out = find_boxes(data, kLabels, second_fails, options);
  ASSERT_TRUE(left_out.ok());
  EXPECT_EQ(warnings, (std::vector<std::string>{"it is broken"}));
  EXPECT_EQ(left_out->failed, (std::vector<bool>{false, true, false}));
}

TEST(Evaluate, LeavesOutOfBothWhatEitherCouldNotLookAt) {
  Candidates model{"a", {}}, other{"b", {}};
  for (std::int32_t i = 0; i < 3; ++i) model.found.boxes.push_back({i, 1, 10, 20, 30, 40, 0.9});
  other.found.boxes = model.found.boxes;
  other.found.failed = {false, true, false};
  const auto result = evaluate(three_pictures(), model, other);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->dataset.pictures.size(), 2U);
  EXPECT_EQ(result->dataset.skipped, 1U);
  EXPECT_EQ(result->dataset.annotations.size(), 2U);
  EXPECT_EQ(result->model.boxes.size(), 2U);
  EXPECT_EQ(result->against->boxes.size(), 2U);
  EXPECT_DOUBLE_EQ(result->model.numbers.ap, 1);
  EXPECT_EQ(result->differences->coco[0].value, 0);
  EXPECT_DOUBLE_EQ(average_precision(three_pictures(), model.found), 1);
  other.found.failed = {true, true, true};
  EXPECT_EQ(evaluate(three_pictures(), model, other).error().code, ErrorCode::kIo);
}

// One class, boxes that no picture changes: [1, 21, 6] of an input of 32x32, as YOLOX gives it.
Model yolox_model() {
  ModelWriter model;
  model.input("images", {1, 3, 32, 32}).constant(float_tensor("w", {126, 3, 1, 1}, std::vector<float>(378, 0.0F)));
  model.constant(float_tensor("b", {126}, std::vector<float>(126, 1.0F)));
  model.constant(raw_tensor<std::int64_t>("shape", kOnnxInt64, {3}, {1, 21, 6}));
  model.node("GlobalAveragePool", {"images"}, {"mean"}).node("Conv", {"mean", "w", "b"}, {"c"});
  model.node("Reshape", {"c", "shape"}, {"boxes"}).output("boxes");
  const std::string text = model.text();
  return Model::parse(std::as_bytes(std::span<const char>(text)), "yolox.onnx").value();
}

TEST(Evaluate, AModelIsCompiledOnceWhateverIsChanged) {
  const Dataset data = three_pictures();
  const std::int64_t before = compile_count();
  auto detector = Detector::create(yolox_model());
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  EXPECT_EQ(detector->head(), HeadKind::kYolox);
  EXPECT_FLOAT_EQ(detector->spec().evaluation_iou(), 0.65F);
  Preprocess preprocess = detector->preprocess();
  preprocess.scale = 0.5F;
  ASSERT_TRUE(detector->set_preprocess(preprocess).ok());
  BoxOptions boxes;
  boxes.conf = 0.001F;
  boxes.iou = detector->spec().evaluation_iou();
  Image grey{100, 80, std::vector<std::uint8_t>(std::size_t{3} * 100 * 80, 114)};
  const auto found = find_boxes(data, std::vector<std::string>{"thing"}, [&](const std::string&) -> FoundInPicture {
    auto one = detector->detect(grey.view(), boxes);
    if (!one.ok()) return {{}, 0, 0, one.error().message};
    return {std::move(one->boxes), 100, 80, ""};
  });
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_FALSE(found->boxes.empty());
  ASSERT_TRUE(evaluate(data, {"yolox", *found}, std::nullopt).ok());
  EXPECT_EQ(compile_count(), before + 1);
}

}  // namespace
}  // namespace saker
