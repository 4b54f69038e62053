// Detector from picture to boxes, with a model whose boxes are the colours of the picture.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <limits>

#include "support/quadrant_model.h"

namespace saker {
namespace {

using test_support::picture_of;
using test_support::QuadrantModel;

DetectorOptions raw_pixels() {
  DetectorOptions options;
  options.spec.preprocess = Preprocess{};
  options.spec.preprocess->scale = 1;
  return options;
}

Detector make(const QuadrantModel& tiny, const DetectorOptions& options) {
  const auto model = tiny.model();
  EXPECT_TRUE(model.ok()) << model.error().message;
  auto detector = Detector::create(*model, options);
  EXPECT_TRUE(detector.ok()) << detector.error().message;
  return std::move(detector).value();
}

Error refused(const QuadrantModel& tiny, const DetectorOptions& options) {
  const auto model = tiny.model();
  if (!model.ok()) return model.error();
  const auto detector = Detector::create(*model, options);
  EXPECT_FALSE(detector.ok());
  return detector.ok() ? Error{} : detector.error();
}

TEST(Detector, FindsBoxesOfOnePicture) {
  Detector detector = make({}, raw_pixels());
  EXPECT_EQ(detector.head(), HeadKind::kEndToEnd);
  EXPECT_EQ(detector.input_height(), 32);
  EXPECT_EQ(detector.input_width(), 32);
  EXPECT_TRUE(detector.batch_is_fixed());
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 40, 2, 3});
  const auto found = detector.detect(image.view());
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_EQ(found->boxes.size(), 2U);
  EXPECT_FLOAT_EQ(found->boxes[0].score, 0.8F);  // best first
  EXPECT_EQ(found->boxes[0].class_id, 3);
  EXPECT_FLOAT_EQ(found->boxes[0].y2, 32);  // clipped
  EXPECT_EQ(found->boxes[1].class_id, 7);
  EXPECT_FLOAT_EQ(found->boxes[1].x2, 30);
  EXPECT_GE(found->ms.infer, 0);
}

TEST(Detector, BatchesAndAPartialLastOne) {
  for (const std::int64_t model_batch : {-1, 1, 2}) {
    QuadrantModel tiny;
    tiny.batch = model_batch;
    DetectorOptions options = raw_pixels();
    options.spec.batch = 3;
    Detector detector = make(tiny, options);
    EXPECT_EQ(detector.batch_is_fixed(), model_batch != -1);
    std::vector<Image> images;
    std::vector<ImageView> views;
    for (std::uint8_t i = 0; i < 5; ++i) images.push_back(picture_of({i, 0, 20, 20, 1, i}, {0, 0, 0, 0, 0, 0}));
    for (const Image& image : images) views.push_back(image.view());
    const auto found = detector.detect(std::span<const ImageView>(views));
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_EQ(found->size(), 5U);
    for (int i = 0; i < 5; ++i) {
      const auto& boxes = (*found)[static_cast<std::size_t>(i)].boxes;
      ASSERT_EQ(boxes.size(), 1U) << i;
      EXPECT_EQ(boxes[0].class_id, i);
      EXPECT_FLOAT_EQ(boxes[0].x1, static_cast<float>(i));
    }
    EXPECT_TRUE(detector.detect(std::span<const ImageView>())->empty());
  }
}

TEST(Detector, FiltersClassesAndCounts) {
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  DetectorOptions options = raw_pixels();
  options.boxes.classes = {7};
  Detector only = make({}, options);
  ASSERT_EQ(only.detect(image.view())->boxes.size(), 1U);
  EXPECT_EQ(only.detect(image.view())->boxes[0].class_id, 7);
  options.boxes.classes = {};
  options.boxes.max_det = 1;
  Detector best = make({}, options);
  ASSERT_EQ(best.detect(image.view())->boxes.size(), 1U);
  EXPECT_EQ(best.detect(image.view())->boxes[0].class_id, 3);
}

TEST(Detector, Labels) {
  QuadrantModel tiny;
  tiny.names = "{0: 'a', 1: 'b', 2: \"c's\"}";
  Detector from_model = make(tiny, raw_pixels());
  EXPECT_EQ(from_model.class_count(), 3);
  EXPECT_EQ(from_model.labels(), (std::vector<std::string>{"a", "b", "c's"}));
  DetectorOptions options = raw_pixels();
  options.spec.labels = {"x"};
  EXPECT_EQ(make(tiny, options).labels(), (std::vector<std::string>{"x", "1", "2"}));
  tiny.names = "{0: broken";
  Detector unknown = make(tiny, raw_pixels());
  EXPECT_GE(unknown.labels().size(), static_cast<std::size_t>(unknown.class_count()));
  EXPECT_EQ(unknown.labels()[7], "7");
  EXPECT_TRUE(from_model.spec().notes().empty());
  for (const char* names : {"{0: broken", "{0: 'a', 99999999999: 'b'}", "{-1: 'a'}"}) {
    tiny.names = names;
    const Detector noted = make(tiny, raw_pixels());
    ASSERT_EQ(noted.spec().notes().size(), 1U) << names;
    EXPECT_NE(noted.spec().notes()[0].find("with keys from 0 to 9999"), std::string::npos) << names;
    EXPECT_TRUE(make(tiny, options).spec().notes().empty()) << "they were not wanted";
  }
}

TEST(Detector, CloneFindsTheSame) {
  Detector detector = make({}, raw_pixels());
  auto clone = detector.clone();
  ASSERT_TRUE(clone.ok()) << clone.error().message;
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  const auto one = detector.detect(image.view()), other = clone->detect(image.view());
  ASSERT_EQ(one->boxes.size(), other->boxes.size());
  EXPECT_EQ(one->boxes[0].x1, other->boxes[0].x1);
  EXPECT_EQ(clone->labels(), detector.labels());
}

TEST(Detector, RefusesWhatDoesNotFit) {
  DetectorOptions size = raw_pixels();
  size.spec.height = 64;
  EXPECT_EQ(refused({}, size).code, ErrorCode::kInvalid);
  DetectorOptions head = raw_pixels();
  head.spec.head = HeadKind::kYolov8;
  EXPECT_EQ(refused({}, head).code, ErrorCode::kUnsupported);
  QuadrantModel other;
  other.output_tail = {3, 4};
  const Error error = refused(other, raw_pixels());
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("boxes [1, 3, 4]"), std::string::npos) << error.message;
  QuadrantModel two;
  two.two_inputs = true;
  EXPECT_EQ(refused(two, raw_pixels()).code, ErrorCode::kUnsupported);
  DetectorOptions classes = raw_pixels();
  classes.boxes.classes = {5000};
  EXPECT_EQ(refused({}, classes).code, ErrorCode::kInvalid);
}

TEST(Detector, RefusesOptionsOutOfRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto with = [](auto change) {
    DetectorOptions options = raw_pixels();
    change(options);
    return refused({}, options).code;
  };
  EXPECT_EQ(with([](auto& o) { o.boxes.conf = -0.1F; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([=](auto& o) { o.boxes.conf = nan; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.boxes.iou = 1.5F; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.boxes.max_det = 0; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.spec.batch = 0; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.spec.height = -32; }), ErrorCode::kInvalid);
}

TEST(Detector, OptionsOfACall) {
  Detector detector = make({}, raw_pixels());
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  EXPECT_EQ(detector.detect(image.view(), {.max_det = 1})->boxes.size(), 1U);
  EXPECT_EQ(detector.detect(image.view(), {.classes = {7}})->boxes[0].class_id, 7);
  EXPECT_EQ(detector.detect(image.view())->boxes.size(), 2U);
  EXPECT_EQ(detector.detect(image.view(), {.conf = 2}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(detector.set_boxes({.classes = {5000}}).error().code, ErrorCode::kInvalid);
  ASSERT_TRUE(detector.set_boxes({.max_det = 1}).ok());
  EXPECT_EQ(detector.detect(image.view())->boxes.size(), 1U);
}

// What a file of 64x32 pixels decoded at half its size looks like.
TEST(Detector, BoxesAreInPixelsOfTheFile) {
  Detector detector = make({}, raw_pixels());
  Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  image.file_size = {64, 32};
  const auto found = detector.detect(image.view());
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_FLOAT_EQ(found->boxes[0].x1, 8);
  EXPECT_FLOAT_EQ(found->boxes[0].y1, 5);
  EXPECT_FLOAT_EQ(found->boxes[0].x2, 40);
  EXPECT_FLOAT_EQ(found->boxes[0].y2, 30);
}

TEST(Detector, RefusesEmptyPictures) {
  Detector detector = make({}, raw_pixels());
  const auto found = detector.detect(ImageView{});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInvalid);
}

TEST(Detector, MissingModelFile) {
  EXPECT_FALSE(Detector::load("/nonexistent/model.onnx").ok());
}

}  // namespace
}  // namespace saker
