// The specification of a detector, and feeding and reading a session with it alone.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include "base/compile_count.h"
#include "detect/spec_input.h"
#include "support/quadrant_model.h"

namespace saker {
namespace {

using test_support::picture_of;
using test_support::QuadrantModel;

SpecOptions raw_pixels() {
  SpecOptions options;
  options.preprocess = Preprocess{};
  options.preprocess->scale = 1;
  return options;
}

Model model_of(const QuadrantModel& quadrants) {
  auto model = quadrants.model();
  EXPECT_TRUE(model.ok()) << model.error().message;
  return std::move(model).value();
}

TEST(DetectorSpec, IsFoundBeforeAnythingIsCompiled) {
  QuadrantModel open;
  open.batch = open.side = -1;
  open.names = "{0: 'a', 1: 'b'}";
  SpecOptions options = raw_pixels();
  options.height = options.width = 32;
  options.batch = 2;
  const Model model = model_of(open);
  const std::int64_t before = compile_count();
  const auto spec = DetectorSpec::find(model, options);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(compile_count(), before);
  EXPECT_EQ(spec->head(), HeadKind::kEndToEnd);
  EXPECT_FALSE(spec->needs_nms());
  EXPECT_EQ(spec->input_shape(), (Shape{2, 3, 32, 32}));
  EXPECT_EQ(spec->input_dtype(), DType::kFloat32);
  EXPECT_EQ(spec->class_count(), 2);
  EXPECT_EQ(spec->labels(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*detector_input_shapes(model, options), std::vector<Shape>{spec->input_shape()});
}

TEST(DetectorSpec, OfASessionIsTheSame) {
  const Model model = model_of({});
  auto session = Session::create(model);
  ASSERT_TRUE(session.ok()) << session.error().message;
  const auto from_graph = DetectorSpec::find(model), from_session = DetectorSpec::find(model, *session);
  ASSERT_TRUE(from_graph.ok() && from_session.ok());
  EXPECT_EQ(from_graph->head(), from_session->head());
  EXPECT_EQ(from_graph->input_shape(), from_session->input_shape());
  EXPECT_EQ(from_graph->labels(), from_session->labels());
}

// As a server does: one session, a slot a request, thresholds of the request.
TEST(DetectorSpec, FeedsAndReadsASessionWithoutADetector) {
  QuadrantModel two;
  two.batch = 2;
  const Model model = model_of(two);
  const auto spec = DetectorSpec::find(model, raw_pixels());
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  SessionOptions options;
  options.input_shapes = {spec->input_shape()};
  auto session = Session::create(model, options);
  ASSERT_TRUE(session.ok()) << session.error().message;
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  Tensor input = session->input(0);
  const auto first = fit_picture(*spec, image.view(), input, 0), second = fit_picture(*spec, image.view(), input, 1);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(session->run().ok());
  const TensorView output = session->output(0);
  const auto both = read_boxes(*spec, {&output, 1}, 0, *first);
  ASSERT_TRUE(both.ok()) << both.error().message;
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ((*both)[0].class_id, 3);
  EXPECT_FLOAT_EQ((*both)[0].y2, 30);
  BoxOptions one;
  one.classes = {7};
  const auto seven = read_boxes(*spec, {&output, 1}, 1, *second, one);
  ASSERT_TRUE(seven.ok()) << seven.error().message;
  ASSERT_EQ(seven->size(), 1U);
  EXPECT_FLOAT_EQ((*seven)[0].x2, 30);
}

TEST(DetectorSpec, RefusesInputsOfAnotherKind) {
  const auto spec = DetectorSpec::find(model_of({}), raw_pixels());
  ASSERT_TRUE(spec.ok());
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  Tensor right = Tensor::make(DType::kFloat32, {1, 3, 32, 32}).value();
  Tensor small = Tensor::make(DType::kFloat32, {1, 3, 16, 32}).value();
  Tensor bytes = Tensor::make(DType::kUint8, {1, 3, 32, 32}).value();
  EXPECT_TRUE(fit_picture(*spec, image.view(), right, 0).ok());
  EXPECT_EQ(fit_picture(*spec, image.view(), right, 1).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(fit_picture(*spec, image.view(), right, -1).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(fit_picture(*spec, image.view(), small, 0).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(fit_picture(*spec, image.view(), bytes, 0).error().code, ErrorCode::kInvalid);
}

TEST(DetectorSpec, WithAnotherPreprocessing) {
  const auto spec = DetectorSpec::find(model_of({}), raw_pixels());
  ASSERT_TRUE(spec.ok());
  Preprocess swapped = spec->preprocess();
  swapped.bgr = true;
  const auto other = spec->with(swapped);
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->preprocess().bgr);
  EXPECT_FALSE(spec->preprocess().bgr);
  EXPECT_EQ(other->input_shape(), spec->input_shape());
  swapped.std[0] = 0;
  EXPECT_EQ(spec->with(swapped).error().code, ErrorCode::kInvalid);
}

// As TorchScript's, which declares nothing.
TEST(DetectorSpec, AnInputWithoutAShapeLeavesItsSizeOpen) {
  const TensorInfo undeclared{"images", DType::kFloat32, {}, {}, false};
  const TensorInfo fixed{"images", DType::kFloat32, {1, 3, 64, 64}, {"", "", "", ""}, true};
  const Error wrong{ErrorCode::kInvalid, "wrong"};
  SpecInput input;
  input.height = input.width = 64;
  EXPECT_NE(with_size_hint(wrong, undeclared, input).message.find("not at 64x64"), std::string::npos);
  EXPECT_EQ(with_size_hint(wrong, fixed, input).message, "wrong");
}

TEST(Detector, CompilesOnce) {
  const Model model = model_of({});
  DetectorOptions options;
  options.spec = raw_pixels();
  const std::int64_t before = compile_count();
  auto detector = Detector::create(model, options);
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  EXPECT_EQ(compile_count(), before + 1);
  Preprocess other = detector->preprocess();
  other.bgr = true;
  ASSERT_TRUE(detector->set_preprocess(other).ok());
  ASSERT_TRUE(detector->set_boxes({.conf = 0.5F, .iou = 0.65F}).ok());
  ASSERT_TRUE(detector->clone().ok());
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 30, 2, 3});
  ASSERT_TRUE(detector->detect(image.view(), {.conf = 0.1F}).ok());
  EXPECT_EQ(compile_count(), before + 1);
}

}  // namespace
}  // namespace saker
