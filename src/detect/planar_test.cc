// Pictures in planes give what they give as RGB.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "detect/letterbox.h"
#include "media/yuv.h"
#include "support/detect_testing.h"
#include "support/kernel_testing.h"
#include "support/planar_pictures.h"
#include "support/quadrant_model.h"

namespace saker {
namespace {

GuardedPlanes random_planes(PlanarLayout layout, int width, int height, std::uint32_t seed = 1) {
  testing::Random random(seed);
  return {layout, width, height, static_cast<int>(seed % 5), [&] { return random.byte(); }};
}

template <typename View>
std::vector<std::uint8_t> slot_of(const Letterbox& letterbox, const View& picture, std::size_t bytes,
                                  ThreadPool* pool = nullptr) {
  std::vector<std::uint8_t> slot(bytes, 77);
  const auto placed = letterbox.write(picture, slot.data(), pool);
  EXPECT_TRUE(placed.ok());
  return slot;
}

struct PlanarCase {
  int width, height, input_width, input_height;
};

// Down, up, nearly as large, odd, and so narrow that a side vanishes.
constexpr PlanarCase kCases[] = {{192, 108, 64, 64}, {13, 9, 40, 33},  {33, 31, 32, 32}, {1, 1, 32, 32},
                                 {640, 7, 32, 48},   {3, 200, 48, 32}, {65, 49, 64, 96}, {257, 3, 20, 20}};

TEST(PlanarLetterbox, EqualsThatOfTheRgbPicture) {
  ThreadPool pool(3);
  for (const Isa isa : isas()) {
    for (const PlanarCase& c : kCases) {
      for (const Fit fit : {Fit::kLetterboxCenter, Fit::kLetterboxTopLeft, Fit::kStretch}) {
        Preprocess preprocess;
        preprocess.fit = fit;
        preprocess.bgr = c.width % 2 == 0;
        const auto letterbox = Letterbox::make(preprocess, DType::kFloat32, c.input_width, c.input_height, isa);
        const auto bytes = static_cast<std::size_t>(c.input_width * c.input_height * 3 * 4);
        for (const PlanarLayout layout : all_planar_layouts()) {
          const GuardedPlanes planes = random_planes(layout, c.width, c.height, static_cast<std::uint32_t>(c.width));
          const PlanarView view = planes.view(fit == Fit::kStretch, c.height % 2 == 0);
          const auto wanted = slot_of(*letterbox, to_rgb(view).view(), bytes);
          SCOPED_TRACE(::testing::Message() << isa_name(isa) << " layout " << static_cast<int>(layout) << " " << c.width
                                            << "x" << c.height << " fit " << static_cast<int>(fit));
          EXPECT_TRUE(slot_of(*letterbox, view, bytes) == wanted);
          EXPECT_TRUE(slot_of(*letterbox, view, bytes, &pool) == wanted);
        }
      }
    }
  }
}

// The picture by the standards' formulas in floating point, rounded, through the letterbox.
Image by_the_standard(const PlanarView& view) {
  Image image{view.width, view.height, {}, {}};
  for (int y = 0; y < view.height; ++y) {
    for (int x = 0; x < view.width; ++x) {
      for (const double colour : rgb_of(samples_of(view, x, y), bits_of(view), view.bt709, view.full_range))
        image.pixels.push_back(static_cast<std::uint8_t>(std::lround(colour)));
    }
  }
  return image;
}

TEST(PlanarLetterbox, IsWithinOneOfTheStandards) {
  for (const PlanarCase& c : kCases) {
    const auto letterbox = Letterbox::make({}, DType::kUint8, c.input_width, c.input_height, best_isa());
    const auto bytes = static_cast<std::size_t>(c.input_width * c.input_height * 3);
    for (const PlanarLayout layout : all_planar_layouts()) {
      const GuardedPlanes planes = random_planes(layout, c.width, c.height, static_cast<std::uint32_t>(c.height));
      for (const bool bt709 : {false, true}) {
        for (const bool full_range : {false, true}) {
          const PlanarView view = planes.view(bt709, full_range);
          const auto ours = slot_of(*letterbox, view, bytes);
          const auto wanted = slot_of(*letterbox, by_the_standard(view).view(), bytes);
          for (std::size_t i = 0; i < bytes; ++i)
            ASSERT_NEAR(ours[i], wanted[i], 1) << static_cast<int>(layout) << " " << c.width << "x" << c.height;
        }
      }
    }
  }
}

TEST(PlanarLetterbox, FillsInputsOfEveryType) {
  const GuardedPlanes planes = random_planes(PlanarLayout::kNv12, 50, 30);
  const PlanarView view = planes.view(true, false);
  const Image rgb = to_rgb(view);
  for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kUint8}) {
    for (const PixelLayout layout : {PixelLayout{3, false}, {3, true}, {1, false}, {1, true}}) {
      const auto letterbox = Letterbox::make({}, dtype, 24, 16, best_isa(), layout);
      ASSERT_TRUE(letterbox.ok());
      const std::size_t bytes = 24 * 16 * static_cast<std::size_t>(layout.channels) * dtype_size(dtype);
      EXPECT_TRUE(slot_of(*letterbox, view, bytes) == slot_of(*letterbox, rgb.view(), bytes))
          << dtype_name(dtype) << " " << layout.channels << " " << layout.channels_last;
    }
  }
}

ErrorCode refused(PlanarView view, void (*hurt)(PlanarView&), const char* wanted) {
  hurt(view);
  const auto letterbox = Letterbox::make({}, DType::kFloat32, 8, 8, best_isa());
  float slot[3 * 64];
  const auto placed = letterbox->write(view, slot, nullptr);
  if (placed.ok()) return ErrorCode::kInternal;
  EXPECT_NE(placed.error().message.find(wanted), std::string::npos) << placed.error().message;
  return placed.error().code;
}

TEST(PlanarLetterbox, RefusesBrokenViews) {
  const GuardedPlanes three = random_planes(PlanarLayout::kI420, 7, 6), two = random_planes(PlanarLayout::kP010, 7, 6);
  const PlanarView i420 = three.view(false, false), p010 = two.view(false, false);
  for (const PlanarView& view : {i420, p010}) {
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.width = 0; }, "empty (0x6)"),
              ErrorCode::kInvalid);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.height = -1; }, "empty (7x-1)"),
              ErrorCode::kInvalid);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.data[0] = nullptr; }, "empty"),
              ErrorCode::kInvalid);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.data[1] = nullptr; }, "empty"),
              ErrorCode::kInvalid);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.width = (1 << 24) + 1; }, "has a side over"),
              ErrorCode::kLimit);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.height = (1 << 24) + 1; }, "has a side over"),
              ErrorCode::kLimit);
    EXPECT_EQ(refused(
                  view, [](PlanarView& v) { v.stride_bytes[0] = 6; }, "plane 0"),
              ErrorCode::kInvalid);
  }
  EXPECT_EQ(refused(
                i420, [](PlanarView& v) { v.data[2] = nullptr; }, "empty"),
            ErrorCode::kInvalid);
  EXPECT_EQ(refused(
                i420, [](PlanarView& v) { v.stride_bytes[2] = -3; }, "plane 2 need 4 bytes"),
            ErrorCode::kInvalid);
  EXPECT_EQ(refused(
                p010, [](PlanarView& v) { v.stride_bytes[1] = 15; }, "plane 1 need 16 bytes"),
            ErrorCode::kInvalid);
}

void expect_same_boxes(Detector& detector, const PlanarView& view, const BoxOptions& options) {
  const auto found = detector.detect(view, options), wanted = detector.detect(to_rgb(view).view(), options);
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_TRUE(wanted.ok()) << wanted.error().message;
  ASSERT_EQ(found->boxes.size(), wanted->boxes.size());
  for (std::size_t i = 0; i < found->boxes.size(); ++i) {
    const Detection &a = found->boxes[i], &b = wanted->boxes[i];
    EXPECT_TRUE(a.class_id == b.class_id && a.score == b.score && a.x1 == b.x1 && a.y1 == b.y1 && a.x2 == b.x2 &&
                a.y2 == b.y2)
        << i;
  }
}

TEST(PlanarDetector, FindsTheBoxesOfTheRgbPicture) {
  const auto model = test_support::QuadrantModel{}.model();
  ASSERT_TRUE(model.ok());
  DetectorOptions options;
  options.spec.preprocess = Preprocess{};
  options.spec.preprocess->scale = 1;
  auto detector = Detector::create(*model, options);
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  // Greys 1, 0, 2 and 1 of the quadrants: a box from 1, 0 to 2, 1 with a score of 0.4 x 1 and class 0, and another.
  I420Image picture{32, 32, false, true, std::vector<std::uint8_t>(1024, 1), std::vector<std::uint8_t>(256, 128), {}};
  picture.v = picture.u;
  for (std::size_t y = 0; y < 16; ++y) {
    std::fill_n(picture.y.begin() + static_cast<std::ptrdiff_t>(32 * y + 16), 16, std::uint8_t{0});
    std::fill_n(picture.y.begin() + static_cast<std::ptrdiff_t>(32 * (y + 16)), 16, std::uint8_t{2});
  }
  expect_same_boxes(*detector, picture.view(), {});
  const auto found = detector->detect(picture.view());
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_FALSE(found->boxes.empty());
  EXPECT_FLOAT_EQ(found->boxes.back().score, 0.4F);
  EXPECT_FLOAT_EQ(found->boxes.back().x2, 2);
  EXPECT_EQ(detector->detect(picture.view(), {.conf = 2}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(detector->detect(PlanarView{}).error().code, ErrorCode::kInvalid);
  Tensor input = detector->session().input(detector->spec().input_index());
  const auto placed = fit_picture(detector->spec(), picture.view(), input, 0);
  ASSERT_TRUE(placed.ok());
  EXPECT_EQ(placed->picture_width, 32);
  EXPECT_FALSE(fit_picture(detector->spec(), picture.view(), input, 1).ok());
}

TEST(PlanarDetector, FindsTheBoxesOfARealModel) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::string folder = assets == nullptr ? "" : assets;
  const std::string model = folder + "/models/yolov8n.onnx", file = folder + "/images/bus.jpg";
  if (assets == nullptr || !std::filesystem::exists(model) || !std::filesystem::exists(file))
    GTEST_SKIP() << "needs models/yolov8n.onnx and images/bus.jpg of SAKER_ASSETS";
  auto detector = Detector::load(model);
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  const auto image = read_image(file);
  ASSERT_TRUE(image.ok());
  I420Image planes;
  from_rgb(image->view(), planes);
  const auto found = detector->detect(planes.view());
  ASSERT_TRUE(found.ok());
  EXPECT_GE(found->boxes.size(), 4U);
  expect_same_boxes(*detector, planes.view(), {.conf = 0.01F});
}

}  // namespace
}  // namespace saker
