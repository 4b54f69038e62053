// Pictures as the bytes that an 8-bit network makes of them give what their values give.
#include <saker/detector.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "api/internals.h"
#include "detect/spec_state.h"
#include "kernels/table.h"
#include "support/detect_testing.h"
#include "support/kernel_testing.h"
#include "support/planar_pictures.h"
#include "support/quadrant_model.h"

namespace saker {
namespace {

using test_support::picture_of;
using test_support::QuadrantModel;

// One scale and offset of all channels, as the kernels take them.
struct InputGrid {
  float scale, zero;
};
constexpr InputGrid kPixels = {1.0F / 255, 0}, kCoarse = {0.021F, 114};

Preprocess centred(bool bgr) {
  Preprocess preprocess;
  preprocess.mean = {0.485F, 0.456F, 0.406F};
  preprocess.std = {0.229F, 0.224F, 0.225F};
  preprocess.bgr = bgr;
  return preprocess;
}

template <typename View>
void expect_bytes_of_values(const Preprocess& preprocess, const InputGrid& grid, Isa isa, const View& picture) {
  constexpr int kWidth = 45, kHeight = 33;
  constexpr std::size_t kPixelsOfInput = std::size_t{kWidth} * kHeight;
  const auto letterbox = Letterbox::make(preprocess, DType::kFloat32, kWidth, kHeight, isa);
  ASSERT_TRUE(letterbox->writes_bytes());
  const std::vector<float> scale(3, 1 / grid.scale), offset(3, grid.zero);
  const QuantizeKernel& kernel = kernels_for(isa).quantize;
  std::vector<float> values(3 * kPixelsOfInput);
  std::vector<std::uint8_t> wanted(4 * kPixelsOfInput), bytes(4 * kPixelsOfInput, 77);
  ASSERT_TRUE(letterbox->write(picture, values.data(), nullptr).ok());
  kernel.quantize_planes(kPixelsOfInput, 3, values.data(), kPixelsOfInput, scale.data(), offset.data(), wanted.data());
  const InputQuantizer quantizer{&kernel, scale.data(), offset.data()};
  ASSERT_TRUE(letterbox->write(picture, bytes.data(), nullptr, &quantizer).ok());
  EXPECT_TRUE(bytes == wanted) << isa_name(isa) << " " << preprocess.bgr << " " << grid.scale;
}

TEST(ByteInput, HasTheBytesOfTheValues) {
  const Image image = testing::random_picture(70, 31);
  testing::Random random(3);
  const GuardedPlanes planes(PlanarLayout::kNv12, 31, 70, 3, [&] { return random.byte(); });
  ImageView bgr = image.view();
  bgr.format = PixelFormat::kBgr;
  for (const Isa isa : isas()) {
    for (const InputGrid& grid : {kPixels, kCoarse}) {
      for (const Preprocess& preprocess : {Preprocess{}, centred(false), centred(true)}) {
        expect_bytes_of_values(preprocess, grid, isa, image.view());
        expect_bytes_of_values(preprocess, grid, isa, bgr);
        expect_bytes_of_values(preprocess, grid, isa, planes.view(false, false));
      }
    }
  }
}

// What saker quantize makes of a picture's input: 256 numbers from the lowest value to the highest.
TEST(ByteInput, OfAllThatAPixelCanBeIsThePixel) {
  for (const Preprocess& preprocess : {Preprocess{}, centred(false)}) {
    const auto letterbox = Letterbox::make(preprocess, DType::kFloat32, 32, 32, best_isa());
    for (std::size_t c = 0; c < 3; ++c) {
      const std::span<const float> values = letterbox->values(c);
      const float step = (values[255] - values[0]) / 255, scale = 1 / step, zero = std::nearbyint(-values[0] / step);
      std::array<std::uint8_t, 256> bytes;
      kernels_for(best_isa()).quantize.quantize(256, values.data(), &scale, &zero, 0, bytes.data());
      for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], i) << c;
    }
  }
}

TEST(ByteInput, IsOfFloatPlanesOnly) {
  const auto writes = [](DType dtype, PixelLayout layout) {
    return Letterbox::make({}, dtype, 32, 32, best_isa(), layout)->writes_bytes();
  };
  EXPECT_TRUE(writes(DType::kFloat32, {}));
  EXPECT_FALSE(writes(DType::kUint8, {}));
  EXPECT_FALSE(writes(DType::kFloat16, {}));
  EXPECT_FALSE(writes(DType::kFloat32, {1, false}));
  EXPECT_FALSE(writes(DType::kFloat32, {3, true}));
}

Detector make(const QuadrantModel& quadrants, const Preprocess& preprocess, int batch) {
  DetectorOptions options;
  options.spec.preprocess = preprocess;
  options.spec.batch = batch;
  return std::move(*Detector::create(*quadrants.model(), options));
}

// Of so many pictures.
std::vector<float> output_of(const Session& session, std::size_t pictures) {
  constexpr std::size_t kOfPicture = 12;
  const Tensor dense = *to_dense(session.output(0));
  return {dense.data<float>(), dense.data<float>() + kOfPicture * pictures};
}

// In the session's input as everybody fills it.
std::vector<float> by_values(Detector& detector, std::span<const Image> pictures) {
  Tensor input = detector.session().input(0);
  for (std::size_t i = 0; i < pictures.size(); ++i)
    EXPECT_TRUE(fit_picture(detector.spec(), pictures[i].view(), input, static_cast<int>(i)).ok());
  EXPECT_TRUE(detector.session().run_first(static_cast<std::int64_t>(pictures.size())).ok());
  return output_of(detector.session(), pictures.size());
}

std::vector<float> by_bytes(Detector& detector, std::span<const Image> pictures) {
  for (std::size_t i = 0; i < pictures.size(); ++i)
    EXPECT_TRUE(fit_picture(detector.spec(), pictures[i].view(), detector.session(), static_cast<int>(i)).ok());
  EXPECT_TRUE(run_fitted(detector.spec(), detector.session(), static_cast<int>(pictures.size())).ok());
  return output_of(detector.session(), pictures.size());
}

TEST(ByteInput, GivesTheSameResults) {
  std::vector<Image> pictures;
  for (const int width : {50, 32, 20, 61}) pictures.push_back(testing::random_picture(width, 33));
  for (const InputGrid& grid : {kPixels, kCoarse}) {
    for (const Preprocess& preprocess : {Preprocess{}, centred(true)}) {
      for (const std::int64_t model_batch : {-1, 4}) {
        QuadrantModel quadrants;
        quadrants.batch = model_batch;
        quadrants.input_scale = grid.scale;
        quadrants.input_zero = static_cast<std::uint8_t>(grid.zero);
        Detector detector = make(quadrants, preprocess, 4);
        ASSERT_TRUE(byte_slots_of(detector.session()).has_value());
        for (std::size_t count = 1; count <= pictures.size(); ++count) {
          const std::span some(pictures.data() + pictures.size() - count, count);
          const std::vector<float> wanted = by_values(detector, some);
          (void)by_bytes(detector, std::span(pictures));
          EXPECT_EQ(by_bytes(detector, some), wanted) << count;
          EXPECT_EQ(by_values(detector, some), wanted) << count;  // the values are read again
        }
      }
    }
  }
}

TEST(ByteInput, OfAModelWhoseFirstInputIsNoPicture) {
  QuadrantModel quadrants;
  quadrants.batch = 4;
  quadrants.input_scale = 1;
  quadrants.scalar_first = true;
  DetectorOptions options;
  options.spec.preprocess.emplace().scale = 1;
  options.spec.inputs["threshold"] = {0.5};
  Detector detector = std::move(*Detector::create(*quadrants.model(), options));
  ASSERT_EQ(byte_slots_of(detector.session())->input, 1U);
  const Image image = picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 31, 2, 3});
  const auto found = detector.detect(image.view());
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->boxes.size(), 2U);
  for (const int pictures : {0, -1, 2})
    EXPECT_EQ(run_first_from_bytes(detector.session(), pictures).error().code, ErrorCode::kInvalid);
}

TEST(ByteInput, DetectorsFindTheBoxes) {
  QuadrantModel quadrants;
  quadrants.input_scale = 1;
  Preprocess pixels;
  pixels.scale = 1;
  Detector detector = make(quadrants, pixels, 1);
  ASSERT_TRUE(byte_slots_of(detector.session()).has_value());
  Session& session = detector.session();
  std::fill_n(session.input(0).data<float>(), session.input(0).elements(), 3.0F);  // not looked at
  const auto found = detector.detect(picture_of({1, 2, 30, 31, 1, 7}, {4, 5, 20, 31, 2, 3}).view());
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_EQ(found->boxes.size(), 2U);
  EXPECT_EQ(found->boxes[0].class_id, 3);
  EXPECT_FLOAT_EQ(found->boxes[0].x2, 20);
  EXPECT_EQ(found->boxes[1].class_id, 7);
  EXPECT_FLOAT_EQ(found->boxes[1].x1, 1);
}

TEST(ByteInput, OfFloatNetworksThereIsNone) {
  EXPECT_FALSE(byte_slots_of(make({}, {}, 1).session()).has_value());
}

}  // namespace
}  // namespace saker
