// Detector from picture to boxes, with a model whose boxes are the colours of the picture.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace saker {
namespace {

// The few fields of ONNX's protobuf that the model below needs.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(static_cast<unsigned char>(value | 0x80)));
  out.push_back(static_cast<char>(value));
  return out;
}
std::string number(unsigned field, std::uint64_t value) {
  return varint(field << 3U) + varint(value);
}
std::string bytes(unsigned field, const std::string& value) {
  return varint(field << 3U | 2U) + varint(value.size()) + value;
}

// -1: a dynamic dimension.
std::string value_info(const std::string& name, const Shape& shape) {
  std::string dims;
  for (const std::int64_t d : shape) {
    dims += bytes(1, d < 0 ? bytes(2, std::string("n").append(std::to_string(dims.size())))
                           : number(1, static_cast<std::uint64_t>(d)));
  }
  return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, dims)));
}

std::string ints_attribute(const std::string& name, const std::vector<std::uint64_t>& values) {
  std::string text = bytes(1, name);
  for (const std::uint64_t v : values) text += number(8, v);
  return text + number(20, 7);
}

struct TinyModel {
  std::int64_t batch = 1;  // -1: dynamic
  std::int64_t side = 32;
  std::vector<std::int64_t> output_tail = {2, 6};
  std::string names;
  bool two_inputs = false;

  // A MaxPool of 16x16 pixels and a Reshape: two rows of x1, y1, x2, y2, score, class from four quadrants.
  std::string onnx() const {
    const std::uint64_t pool = 16;
    std::string graph = bytes(1, bytes(1, "images") + bytes(2, "pooled") + bytes(3, "pool") + bytes(4, "MaxPool") +
                                     bytes(5, ints_attribute("kernel_shape", {pool, pool})) +
                                     bytes(5, ints_attribute("strides", {pool, pool})));
    graph += bytes(
        1, bytes(1, "pooled") + bytes(1, "shape") + bytes(2, "boxes") + bytes(3, "reshape") + bytes(4, "Reshape"));
    graph += bytes(2, "tiny");
    std::vector<std::int64_t> target = {batch};
    target.insert(target.end(), output_tail.begin(), output_tail.end());
    std::string shape = number(1, target.size()) + number(2, 7);
    for (const std::int64_t d : target) shape += number(7, static_cast<std::uint64_t>(d));
    graph += bytes(5, shape + bytes(8, "shape"));
    graph += bytes(11, value_info("images", {batch, 3, side, side}));
    if (two_inputs) graph += bytes(11, value_info("other", {1, 3}));
    graph += bytes(12, value_info("boxes", target));
    std::string model = number(1, 8) + bytes(7, graph) + bytes(8, bytes(1, "") + number(2, 13));
    if (!names.empty()) model += bytes(14, bytes(1, "names") + bytes(2, names));
    return model;
  }

  Result<Model> model() const {
    const std::string text = onnx();
    return Model::parse(std::as_bytes(std::span<const char>(text.data(), text.size())), "tiny.onnx");
  }
};

using Row = std::array<std::uint8_t, 6>;

// The pooled tensor is [3, 2, 2]: six numbers a row, channel by channel over four quadrants.
Image picture_of(const Row& first, const Row& second) {
  Image image{32, 32, std::vector<std::uint8_t>(std::size_t{32} * 32 * 3)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t channel = i % 3, x = i / 3 % 32, y = i / 96;
    const std::size_t value = channel * 4 + y / 16 * 2 + x / 16;
    image.pixels[i] = value < 6 ? first[value] : second[value - 6];
  }
  return image;
}

DetectorOptions raw_pixels() {
  DetectorOptions options;
  options.preprocess = Preprocess{};
  options.preprocess->scale = 1;
  return options;
}

Detector make(const TinyModel& tiny, const DetectorOptions& options) {
  const auto model = tiny.model();
  EXPECT_TRUE(model.ok()) << model.error().message;
  auto detector = Detector::create(*model, options);
  EXPECT_TRUE(detector.ok()) << detector.error().message;
  return std::move(detector).value();
}

Error refused(const TinyModel& tiny, const DetectorOptions& options) {
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
  EXPECT_FLOAT_EQ(found->boxes[0].score, 2);  // best first
  EXPECT_EQ(found->boxes[0].class_id, 3);
  EXPECT_FLOAT_EQ(found->boxes[0].y2, 32);  // clipped
  EXPECT_EQ(found->boxes[1].class_id, 7);
  EXPECT_FLOAT_EQ(found->boxes[1].x2, 30);
  EXPECT_GE(found->ms.infer, 0);
}

TEST(Detector, BatchesAndAPartialLastOne) {
  for (const std::int64_t model_batch : {-1, 1, 2}) {
    TinyModel tiny;
    tiny.batch = model_batch;
    DetectorOptions options = raw_pixels();
    options.batch = 3;
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
  options.classes = {7};
  Detector only = make({}, options);
  ASSERT_EQ(only.detect(image.view())->boxes.size(), 1U);
  EXPECT_EQ(only.detect(image.view())->boxes[0].class_id, 7);
  options.classes = {};
  options.max_det = 1;
  Detector best = make({}, options);
  ASSERT_EQ(best.detect(image.view())->boxes.size(), 1U);
  EXPECT_EQ(best.detect(image.view())->boxes[0].class_id, 3);
}

TEST(Detector, Labels) {
  TinyModel tiny;
  tiny.names = "{0: 'a', 1: 'b', 2: \"c's\"}";
  Detector from_model = make(tiny, raw_pixels());
  EXPECT_EQ(from_model.class_count(), 3);
  EXPECT_EQ(from_model.labels(), (std::vector<std::string>{"a", "b", "c's"}));
  DetectorOptions options = raw_pixels();
  options.labels = {"x"};
  EXPECT_EQ(make(tiny, options).labels(), (std::vector<std::string>{"x", "1", "2"}));
  tiny.names = "{0: broken";
  Detector unknown = make(tiny, raw_pixels());
  EXPECT_GE(unknown.labels().size(), static_cast<std::size_t>(unknown.class_count()));
  EXPECT_EQ(unknown.labels()[7], "7");
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
  size.height = 64;
  EXPECT_EQ(refused({}, size).code, ErrorCode::kInvalid);
  DetectorOptions head = raw_pixels();
  head.head = HeadKind::kYolov8;
  EXPECT_EQ(refused({}, head).code, ErrorCode::kUnsupported);
  TinyModel other;
  other.output_tail = {3, 4};
  const Error error = refused(other, raw_pixels());
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("boxes [1, 3, 4]"), std::string::npos) << error.message;
  TinyModel two;
  two.two_inputs = true;
  EXPECT_EQ(refused(two, raw_pixels()).code, ErrorCode::kUnsupported);
  DetectorOptions classes = raw_pixels();
  classes.classes = {5000};
  EXPECT_EQ(refused({}, classes).code, ErrorCode::kInvalid);
}

TEST(Detector, RefusesOptionsOutOfRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto with = [](auto change) {
    DetectorOptions options = raw_pixels();
    change(options);
    return refused({}, options).code;
  };
  EXPECT_EQ(with([](auto& o) { o.conf = -0.1F; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([=](auto& o) { o.conf = nan; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.iou = 1.5F; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.max_det = 0; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.batch = 0; }), ErrorCode::kInvalid);
  EXPECT_EQ(with([](auto& o) { o.height = -32; }), ErrorCode::kInvalid);
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
