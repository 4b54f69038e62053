// Inputs of every kind: layouts, types, grey, normalization inside the graph, and inputs that are no pictures.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "api/input_shapes.h"
#include "base/half.h"
#include "detect/letterbox.h"
#include "support/detect_testing.h"
#include "support/kernel_testing.h"
#include "support/onnx_writer.h"

namespace saker {
namespace {

using namespace test_support;
using testing::random_picture;

// ---- pixels into a slot ----

template <typename T>
std::vector<T> written(const Image& image, DType dtype, PixelLayout layout, bool bgr = false) {
  Preprocess preprocess;
  preprocess.bgr = bgr;
  preprocess.mean = {0.1F, 0.2F, 0.3F};
  const auto letterbox = Letterbox::make(preprocess, dtype, 9, 40, best_isa(), layout);
  EXPECT_TRUE(letterbox.ok());
  std::vector<T> slot(static_cast<std::size_t>(layout.channels) * 9 * 40, T{77});
  EXPECT_TRUE(letterbox->write(image.view(), slot.data(), nullptr).ok());
  return slot;
}

template <typename T>
void expect_channels_last(DType dtype, bool bgr) {
  const Image image = random_picture(13, 29);
  const auto planes = written<T>(image, dtype, {}, bgr), pixels = written<T>(image, dtype, {3, true}, bgr);
  for (std::size_t i = 0; i < 360; ++i) {
    for (std::size_t c = 0; c < 3; ++c) ASSERT_EQ(pixels[3 * i + c], planes[360 * c + i]) << i;
  }
}

TEST(PixelLayout, ChannelsLastAreTheSameNumbers) {
  for (const bool bgr : {false, true}) {
    expect_channels_last<float>(DType::kFloat32, bgr);
    expect_channels_last<std::uint16_t>(DType::kFloat16, bgr);
    expect_channels_last<std::uint8_t>(DType::kUint8, bgr);
  }
}

TEST(PixelLayout, GreyIsTheLumaOfTheColours) {
  const Image image = random_picture(13, 29);
  const auto colours = written<std::uint8_t>(image, DType::kUint8, {});
  const auto grey = written<std::uint8_t>(image, DType::kUint8, {1, false});
  for (std::size_t i = 0; i < 360; ++i) {
    const double luma = 0.299 * colours[i] + 0.587 * colours[360 + i] + 0.114 * colours[720 + i];
    ASSERT_NEAR(grey[i], luma, 0.51) << i;
  }
  const auto floats = written<float>(image, DType::kFloat32, {1, true});
  for (std::size_t i = 0; i < 360; ++i) ASSERT_FLOAT_EQ(floats[i], static_cast<float>(grey[i] / 255.0 - 0.1F));
  // Colours change places in the picture only.
  EXPECT_EQ(written<std::uint8_t>(image, DType::kUint8, {1, false}, true), grey);
}

TEST(PixelLayout, GreyOfPureColoursIsOpenCvs) {
  for (const auto& [channel, luma] : {std::pair(0, 76), {1, 150}, {2, 29}}) {
    Image image{9, 40, std::vector<std::uint8_t>(1080, 0)};
    for (std::size_t i = static_cast<std::size_t>(channel); i < 1080; i += 3) image.pixels[i] = 255;
    EXPECT_EQ(written<std::uint8_t>(image, DType::kUint8, {1, false}),
              std::vector<std::uint8_t>(360, static_cast<std::uint8_t>(luma)));
  }
}

// ---- models ----

// Boxes [N, 2, 6] that are the colours of the quadrants of 32x32 pixels, after `before` has made "x" of "images".
struct Tiny {
  Shape shape = {1, 3, 32, 32};
  std::int64_t type = kOnnxFloat;
  std::function<void(ModelWriter&)> before = [](ModelWriter& model) { model.node("Identity", {"images"}, {"x"}); };
  std::function<void(ModelWriter&)> more = [](ModelWriter&) {};
  std::string boxes = "boxes";  // the output
  std::string imgsz{};          // the metadata

  Model model() const {
    ModelWriter model;
    model.input("images", shape, type);
    before(model);
    model.constant(raw_tensor<std::int64_t>("shape", kOnnxInt64, {3}, {-1, 2, 6}));
    model.node("MaxPool", {"x"}, {"pooled"}, {ints_attr("kernel_shape", {16, 16}), ints_attr("strides", {16, 16})});
    model.node("Reshape", {"pooled", "shape"}, {"boxes"});
    more(model);
    model.output(boxes);
    if (!imgsz.empty()) model.model().message(14, ProtoWriter().bytes(1, "imgsz").bytes(2, imgsz));
    const std::string text = model.text();
    auto read = Model::parse(std::as_bytes(std::span(text)), "tiny.onnx");
    EXPECT_TRUE(read.ok()) << read.error().message;
    return std::move(read).value();
  }
};

void add_number(ModelWriter& model, const std::string& name, const Shape& shape, const std::vector<float>& values) {
  model.constant(float_tensor(name, shape, values));
}

Result<DetectorSpec> spec_of(const Tiny& tiny, const SpecOptions& options = {}) {
  return DetectorSpec::find(tiny.model(), options);
}

DetectorSpec must_find(const Tiny& tiny, const SpecOptions& options = {}) {
  auto spec = spec_of(tiny, options);
  EXPECT_TRUE(spec.ok()) << spec.error().message;
  return std::move(spec).value();
}

std::string notes_of(const DetectorSpec& spec) {
  std::string all;
  for (const std::string& note : spec.notes()) all += note + "\n";
  return all;
}

std::string error_of(const Tiny& tiny, const SpecOptions& options = {}) {
  const auto spec = spec_of(tiny, options);
  EXPECT_FALSE(spec.ok());
  return spec.ok() ? "" : spec.error().message;
}

void expect_mention(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' does not mention '" << part << "'";
}

TEST(DetectorInput, ChannelsLast) {
  Tiny tiny;
  tiny.shape = {1, 32, 32, 3};
  tiny.before = [](ModelWriter& model) {
    model.node("Transpose", {"images"}, {"x"}, {ints_attr("perm", {0, 3, 1, 2})});
  };
  const DetectorSpec spec = must_find(tiny);
  EXPECT_EQ(spec.input_shape(), (Shape{1, 32, 32, 3}));
  DetectorOptions options;
  options.spec.preprocess = Preprocess{};  // scores are 0 to 1
  auto detector = Detector::create(tiny.model(), options);
  auto planes = Detector::create(Tiny{}.model(), options);
  ASSERT_TRUE(detector.ok() && planes.ok());
  Image image = random_picture(32, 32);
  image.pixels[4] = 1;
  const auto found = detector->detect(image.view()), wanted = planes->detect(image.view());
  ASSERT_TRUE(found.ok() && wanted.ok());
  const TensorView a = detector->session().output(0), b = planes->session().output(0);
  EXPECT_EQ(to_dense(a)->data<float>()[5], to_dense(b)->data<float>()[5]);
  EXPECT_EQ(found->boxes.size(), wanted->boxes.size());
}

TEST(DetectorInput, OpenSizesOfChannelsLast) {
  Tiny tiny;
  tiny.shape = {kOpenExtent, kOpenExtent, kOpenExtent, 3};
  tiny.before = [](ModelWriter& model) {
    model.node("Transpose", {"images"}, {"x"}, {ints_attr("perm", {0, 3, 1, 2})});
  };
  SpecOptions options;
  options.height = options.width = 32;
  options.batch = 2;
  EXPECT_EQ(must_find(tiny, options).input_shape(), (Shape{2, 32, 32, 3}));
}

TEST(DetectorInput, OpenSizesAreWhatTheModelWasExportedFor) {
  Tiny tiny;
  tiny.shape = {1, 3, kOpenExtent, kOpenExtent};
  const auto size = [&](const std::string& imgsz, const SpecOptions& options = {}) {
    tiny.imgsz = imgsz;
    const auto shapes = detector_input_shapes(tiny.model(), options);
    EXPECT_TRUE(shapes.ok());
    const auto alone = choose_shapes(tiny.model(), {options.height, options.width});
    EXPECT_TRUE(alone.ok());
    EXPECT_EQ(alone->shapes, *shapes) << imgsz;
    return std::pair((*shapes)[0][2], (*shapes)[0][3]);
  };
  using Sides = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(size("[320, 416]"), (Sides{320, 416}));
  EXPECT_EQ(size("96"), (Sides{96, 96}));
  for (const char* none : {"", "[0, 640]", "[99999, 640]", "[1, 2, 3]", "[]", "a", "[-1]"})
    EXPECT_EQ(size(none), (Sides{640, 640})) << none;
  SpecOptions asked;
  asked.height = 32;
  asked.width = 64;
  EXPECT_EQ(size("[320, 416]", asked), (Sides{32, 64}));
  tiny.shape = {1, 3, 32, 32};
  EXPECT_EQ(size("[320, 416]"), (Sides{32, 32}));
}

TEST(DetectorInput, OneChannelIsGreyAndSaysSo) {
  Tiny tiny;
  tiny.shape = {1, 1, 32, 32};
  tiny.before = [](ModelWriter& model) {
    model.node("Concat", {"images", "images", "images"}, {"x"}, {int_attr("axis", 1)});
  };
  const DetectorSpec spec = must_find(tiny);
  EXPECT_EQ(spec.input_shape(), tiny.shape);
  expect_mention(notes_of(spec), "grey");
}

TEST(DetectorInput, BytesAreFedAsTheyAre) {
  Tiny tiny;
  tiny.type = kOnnxUint8;
  tiny.before = [](ModelWriter& model) { model.node("Cast", {"images"}, {"x"}, {int_attr("to", kOnnxFloat)}); };
  const DetectorSpec spec = must_find(tiny);
  EXPECT_EQ(spec.input_dtype(), DType::kUint8);
  EXPECT_EQ(spec.preprocess().scale, 1);
}

TEST(DetectorInput, FourChannelsAreRefusedByName) {
  Tiny tiny;
  tiny.shape = {1, 4, 32, 32};
  tiny.before = [](ModelWriter& model) {
    model.constant(raw_tensor<std::int64_t>("three", kOnnxInt64, {1}, {3}));
    model.constant(raw_tensor<std::int64_t>("zero", kOnnxInt64, {1}, {0}));
    model.constant(raw_tensor<std::int64_t>("one", kOnnxInt64, {1}, {1}));
    model.node("Slice", {"images", "zero", "three", "one"}, {"x"});
  };
  expect_mention(error_of(tiny), "a fourth channel");
}

// ---- normalization inside ----

struct Inside {
  const char* what;
  std::function<void(ModelWriter&)> before;
  float scale;  // of the preprocessing
  bool noted;
};

TEST(DetectorInput, NormalizationInsideIsNotDoneTwice) {
  const Inside cases[] = {
      {"nothing", [](ModelWriter& m) { m.node("Relu", {"images"}, {"x"}); }, 1.0F / 255, false},
      {"x / 255",
       [](ModelWriter& m) {
         add_number(m, "c", {}, {255});
         m.node("Div", {"images", "c"}, {"x"});
       },
       1, true},
      {"(1 / 255) x after a Cast",
       [](ModelWriter& m) {
         add_number(m, "c", {1}, {1.0F / 255});
         m.node("Cast", {"images"}, {"f"}, {int_attr("to", kOnnxFloat)}).node("Mul", {"c", "f"}, {"x"});
       },
       1, true},
      {"(x - mean) / std of pixels",
       [](ModelWriter& m) {
         add_number(m, "mean", {1, 3, 1, 1}, {123.7F, 116.3F, 103.5F});
         add_number(m, "std", {1, 3, 1, 1}, {58.4F, 57.1F, 57.4F});
         m.node("Sub", {"images", "mean"}, {"s"}).node("Div", {"s", "std"}, {"x"});
       },
       1, true},
      {"x - mean of pixels",
       [](ModelWriter& m) {
         add_number(m, "mean", {3, 1, 1}, {104, 117, 123});
         m.node("Sub", {"images", "mean"}, {"x"});
       },
       1, true},
      {"(x - mean) / std of 0..1",
       [](ModelWriter& m) {
         add_number(m, "mean", {1, 3, 1, 1}, {0.485F, 0.456F, 0.406F});
         add_number(m, "std", {1, 3, 1, 1}, {0.229F, 0.224F, 0.225F});
         m.node("Sub", {"images", "mean"}, {"s"}).node("Div", {"s", "std"}, {"x"});
       },
       1.0F / 255, false},
      {"a constant that is computed",
       [](ModelWriter& m) {
         add_number(m, "c", {1}, {255});
         m.constant(raw_tensor<std::int64_t>("axes", kOnnxInt64, {3}, {1, 2, 3}));
         m.node("Unsqueeze", {"c", "axes"}, {"d"}).node("Div", {"images", "d"}, {"x"});
       },
       1, true},
      {"another reader",
       [](ModelWriter& m) {
         add_number(m, "c", {}, {255});
         m.node("Div", {"images", "c"}, {"d"}).node("Max", {"images", "d"}, {"x"});
       },
       1.0F / 255, false},
      {"255 / x",
       [](ModelWriter& m) {
         add_number(m, "c", {}, {255});
         m.node("Div", {"c", "images"}, {"x"});
       },
       1.0F / 255, false},
  };
  for (const Inside& c : cases) {
    Tiny tiny;
    tiny.before = c.before;
    const DetectorSpec spec = must_find(tiny);
    EXPECT_EQ(spec.preprocess().scale, c.scale) << c.what;
    EXPECT_EQ(notes_of(spec).find("normalizes its input itself") != std::string::npos, c.noted) << c.what;
    SpecOptions options;
    options.preprocess = Preprocess{};
    EXPECT_EQ(must_find(tiny, options).preprocess().scale, 1.0F / 255) << c.what;
  }
}

TEST(DetectorInput, ColoursThatAreReversedInside) {
  const auto gather = [](std::int64_t axis, const std::vector<std::int64_t>& order) {
    return [=](ModelWriter& m) {
      m.constant(raw_tensor("order", kOnnxInt64, {3}, order));
      m.node("Gather", {"images", "order"}, {"x"}, {int_attr("axis", axis)});
    };
  };
  const auto flip = [](std::int64_t axis) {
    return [=](ModelWriter& m) {
      m.constant(raw_tensor<std::int64_t>("start", kOnnxInt64, {1}, {-1}));
      m.constant(raw_tensor<std::int64_t>("end", kOnnxInt64, {1}, {INT64_MIN + 1}));
      m.constant(raw_tensor<std::int64_t>("axis", kOnnxInt64, {1}, {axis}));
      m.constant(raw_tensor<std::int64_t>("step", kOnnxInt64, {1}, {-1}));
      m.node("Slice", {"images", "start", "end", "axis", "step"}, {"x"});
    };
  };
  Tiny tiny;
  for (const auto& [before, bgr] : {std::pair<std::function<void(ModelWriter&)>, bool>(gather(1, {2, 1, 0}), true),
                                    {gather(1, {0, 1, 2}), false},
                                    {flip(1), true},
                                    {flip(-3), true},
                                    {flip(3), false}}) {
    tiny.before = before;
    const DetectorSpec spec = must_find(tiny);
    EXPECT_EQ(spec.preprocess().bgr, bgr);
    EXPECT_EQ(notes_of(spec).find("fed BGR") != std::string::npos, bgr);
  }
  // The axis of colours is followed.
  tiny.shape = {1, 32, 32, 3};
  tiny.type = kOnnxUint8;
  tiny.before = [](ModelWriter& m) {
    m.constant(raw_tensor<std::int64_t>("order", kOnnxInt64, {3}, {2, 1, 0}));
    m.node("Cast", {"images"}, {"f"}, {int_attr("to", kOnnxFloat)});
    m.node("Transpose", {"f"}, {"t"}, {ints_attr("perm", {0, 3, 1, 2})});
    m.node("Gather", {"t", "order"}, {"x"}, {int_attr("axis", 1)});
  };
  EXPECT_TRUE(must_find(tiny).preprocess().bgr);
  EXPECT_EQ(must_find(tiny).preprocess().scale, 1);
}

// ---- other inputs ----

// The sizes, as floats (width, height, width, height, 0, 0), are added to the boxes.
Tiny with_sizes(const std::string& name, std::int64_t batch = 1, std::int64_t type = kOnnxInt64) {
  Tiny tiny;
  tiny.shape[0] = batch;
  tiny.more = [=](ModelWriter& model) {
    model.input(name, {batch, 2}, type);
    add_number(model, "spread", {2, 6}, {1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0});
    model.constant(raw_tensor<std::int64_t>("row", kOnnxInt64, {3}, {-1, 1, 6}));
    model.node("Cast", {name}, {"sizes"}, {int_attr("to", kOnnxFloat)}).node("MatMul", {"sizes", "spread"}, {"flat"});
    model.node("Reshape", {"flat", "row"}, {"rows"}).node("Add", {"boxes", "rows"}, {"sum"});
  };
  tiny.boxes = "sum";
  return tiny;
}

std::vector<float> row_of_black(const Tiny& tiny, const SpecOptions& spec_options) {
  DetectorOptions options;
  options.spec = spec_options;
  auto detector = Detector::create(tiny.model(), options);
  EXPECT_TRUE(detector.ok()) << detector.error().message;
  if (!detector.ok()) return {};
  const Image black{32, 32, std::vector<std::uint8_t>(3072, 0)};
  auto twin = detector->clone();
  EXPECT_TRUE(twin.ok());
  std::vector<float> row;
  for (int run = 0; run < 2; ++run) {  // the inputs' memory may have been used for something else
    const std::vector<ImageView> pictures(static_cast<std::size_t>(detector->spec().batch()), black.view());
    EXPECT_TRUE(twin->detect(pictures).ok());
    const Tensor out = to_dense(twin->session().output(0)).value();
    row.assign(out.data<float>() + out.elements() - 6, out.data<float>() + out.elements());
  }
  return row;
}

TEST(DetectorInput, SizesThatAreKnown) {
  using Row = std::vector<float>;
  EXPECT_EQ(row_of_black(with_sizes("orig_target_sizes"), {}), (Row{32, 32, 32, 32, 0, 0}));
  expect_mention(notes_of(must_find(with_sizes("orig_target_sizes"))), "orig_target_sizes gets 32, 32");
  EXPECT_EQ(row_of_black(with_sizes("im_shape", 1, kOnnxFloat), {}), (Row{32, 32, 32, 32, 0, 0}));
  EXPECT_EQ(row_of_black(with_sizes("scale_factor", 1, kOnnxFloat), {}), (Row{1, 1, 1, 1, 0, 0}));
  SpecOptions three;
  three.batch = 3;
  EXPECT_EQ(row_of_black(with_sizes("orig_target_sizes", kOpenExtent), three), (Row{32, 32, 32, 32, 0, 0}));
}

TEST(DetectorInput, ValuesThatAreGiven) {
  using Row = std::vector<float>;
  SpecOptions options;
  options.batch = 2;
  options.inputs["sizes_of_it"] = {7, 9};
  EXPECT_EQ(row_of_black(with_sizes("sizes_of_it", kOpenExtent), options), (Row{7, 9, 7, 9, 0, 0}));
  options.inputs["sizes_of_it"] = {1, 2, 3, 4};
  EXPECT_EQ(row_of_black(with_sizes("sizes_of_it", kOpenExtent), options), (Row{3, 4, 3, 4, 0, 0}));
  options.inputs["sizes_of_it"] = {5};
  EXPECT_EQ(row_of_black(with_sizes("sizes_of_it", kOpenExtent), options), (Row{5, 5, 5, 5, 0, 0}));
}

TEST(DetectorInput, ValuesThatDoNotFit) {
  const Tiny tiny = with_sizes("what");
  expect_mention(error_of(tiny), "the input \"what\" (int64 [1, 2]) is no picture");
  SpecOptions options;
  options.inputs["what"] = {1, 2, 3};
  expect_mention(error_of(tiny, options), "takes 2 values, 3 are given");
  options.inputs["what"] = {};
  expect_mention(error_of(tiny, options), "takes 2 values, 0 are given");
  options.inputs["what"] = {0.5};
  expect_mention(error_of(tiny, options), "0.5 is no int64");
  options.inputs["what"] = {1e30};
  expect_mention(error_of(tiny, options), "is no int64");
  options.inputs = {{"what", {1}}, {"else", {1}}};
  expect_mention(error_of(tiny, options), "which is none of the model's inputs: images, what");
  options.inputs = {{"images", {1}}, {"what", {1}}};
  expect_mention(error_of(tiny, options), "\"images\" [1, 3, 32, 32]");
}

TEST(DetectorInput, TwoPictures) {
  Tiny tiny;
  tiny.more = [](ModelWriter& model) {
    model.constant(raw_tensor<std::int64_t>("one", kOnnxInt64, {3}, {1, 1, 1}));
    model.input("depth", {1, 1, 1, 1}).node("Reshape", {"depth", "one"}, {"number"});
    model.node("Add", {"boxes", "number"}, {"sum"});
  };
  tiny.boxes = "sum";
  expect_mention(error_of(tiny), "the inputs \"images\" and \"depth\" both look like pictures");
  SpecOptions options;
  options.inputs["depth"] = {0};
  EXPECT_EQ(must_find(tiny, options).input_index(), 0U);
}

}  // namespace
}  // namespace saker
