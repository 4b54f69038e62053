// Letterbox: placement, resizing and conversion against recorded OpenCV, Ultralytics and YOLOX results.
#include "detect/letterbox.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/fnv1a.h"
#include "base/half.h"
#include "support/detect_testing.h"
#include "support/kernel_testing.h"

namespace saker {
namespace {

using testing::random_picture;

Result<Letterbox> make_letterbox(const Preprocess& preprocess, DType dtype, int width, int height) {
  return Letterbox::make(preprocess, dtype, width, height, best_isa());
}

// The resized picture, 3 bytes a pixel, through a letterbox without bars.
std::vector<std::uint8_t> resize(const ImageView& image, int width, int height, Isa isa, ThreadPool* pool = nullptr) {
  Preprocess preprocess;
  preprocess.fit = Fit::kStretch;
  const auto letterbox = Letterbox::make(preprocess, DType::kUint8, width, height, isa);
  const std::size_t plane = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<std::uint8_t> planes(3 * plane), out;
  EXPECT_TRUE(letterbox->write(image, planes.data(), pool).ok());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.push_back(planes[c * plane + i]);
  }
  return out;
}

TEST(Resize, EqualsOpenCv) {
  for (const testing::ResizeCase& c : testing::kResizeCases) {
    const Image image = random_picture(c.width, c.height);
    for (const Isa isa : isas()) {
      EXPECT_EQ(Fnv1a().add(resize(image.view(), c.target_width, c.target_height, isa)).value(), c.checksum)
          << c.width << "x" << c.height << " to " << c.target_width << "x" << c.target_height << " " << isa_name(isa);
    }
  }
}

TEST(Resize, EqualsOpenCvByteForByte) {
  const auto out = resize(random_picture(13, 9).view(), 5, 4, best_isa());
  EXPECT_EQ(out, std::vector<std::uint8_t>(std::begin(testing::kResized5x4), std::end(testing::kResized5x4)));
}

TEST(Resize, FollowsTheStride) {
  const Image image = random_picture(13, 9);
  ImageView part = image.view();
  part.data += 3;
  part.width = 10;
  Image copy{10, 9, {}};
  for (int y = 0; y < 9; ++y) {
    copy.pixels.insert(copy.pixels.end(), part.data + y * part.stride_bytes, part.data + y * part.stride_bytes + 30);
  }
  EXPECT_EQ(resize(part, 6, 7, best_isa()), resize(copy.view(), 6, 7, best_isa()));
  ImageView upside_down = copy.view();
  upside_down.data += 8 * upside_down.stride_bytes;
  upside_down.stride_bytes = -upside_down.stride_bytes;
  Image turned{10, 9, {}};
  for (int y = 8; y >= 0; --y)
    turned.pixels.insert(turned.pixels.end(), copy.pixels.begin() + y * 30, copy.pixels.begin() + (y + 1) * 30);
  EXPECT_EQ(resize(upside_down, 6, 7, best_isa()), resize(turned.view(), 6, 7, best_isa()));
}

TEST(Resize, ThreadsShareTheRows) {
  ThreadPool pool(3);
  const Image image = random_picture(61, 97);
  for (const int height : {1, 15, 16, 17, 100}) {
    EXPECT_EQ(resize(image.view(), 40, height, best_isa(), &pool), resize(image.view(), 40, height, best_isa()));
  }
}

TEST(Placement, EqualsUltralyticsAndYolox) {
  for (const testing::PlaceCase& c : testing::kPlaceCases) {
    const Fit fit = c.top_left ? Fit::kLetterboxTopLeft : Fit::kLetterboxCenter;
    const Placement p = place_picture(fit, c.width, c.height, c.input_width, c.input_height);
    SCOPED_TRACE(::testing::Message() << c.width << "x" << c.height << " top_left " << c.top_left);
    EXPECT_EQ(p.left, c.left);
    EXPECT_EQ(p.top, c.top);
    EXPECT_EQ(p.width, c.placed_width);
    EXPECT_EQ(p.height, c.placed_height);
  }
}

TEST(Placement, NeverVanishesOrOverflows) {
  testing::Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const int width = 1 + static_cast<int>(random.unit() * 5000), height = 1 + static_cast<int>(random.unit() * 40);
    for (const Fit fit : {Fit::kLetterboxCenter, Fit::kLetterboxTopLeft, Fit::kStretch}) {
      const Placement p = place_picture(fit, i % 2 == 0 ? width : height, i % 2 == 0 ? height : width, 320, 224);
      ASSERT_GE(p.width, 1);
      ASSERT_GE(p.height, 1);
      ASSERT_GE(p.left, 0);
      ASSERT_GE(p.top, 0);
      ASSERT_LE(p.left + p.width, 320);
      ASSERT_LE(p.top + p.height, 224);
    }
  }
}

TEST(Placement, BoxesComeBackClipped) {
  const Placement p = place_picture(Fit::kLetterboxCenter, 1280, 720, 640, 640);
  Detection box = {0, 1, 100, 190, 739, 500.5F};
  map_back(p, box);
  EXPECT_FLOAT_EQ(box.x1, 200);
  EXPECT_FLOAT_EQ(box.y1, 100);
  EXPECT_FLOAT_EQ(box.x2, 1280);
  EXPECT_FLOAT_EQ(box.y2, 720);
  const Placement stretched = place_picture(Fit::kStretch, 832, 208, 416, 416);
  Detection other = {0, 1, -5, 100, 208, 416};
  map_back(stretched, other);
  EXPECT_FLOAT_EQ(other.x1, 0);
  EXPECT_FLOAT_EQ(other.y1, 50);
  EXPECT_FLOAT_EQ(other.x2, 416);
  EXPECT_FLOAT_EQ(other.y2, 208);
}

TEST(Letterbox, WritesAPaddedPlanarPicture) {
  const Image image = random_picture(13, 9);
  const auto letterbox = make_letterbox({}, DType::kFloat32, 13, 12);
  ASSERT_TRUE(letterbox.ok());
  std::vector<float> slot(3 * 12 * 13, -1);
  const auto placement = letterbox->write(image.view(), slot.data(), nullptr);
  ASSERT_TRUE(placement.ok());
  EXPECT_EQ(placement->top, 1);
  EXPECT_EQ(placement->left, 0);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 13; ++x) {
        const bool inside = y >= 1 && y < 10;
        const int pixel = inside ? image.pixels[static_cast<std::size_t>(((y - 1) * 13 + x) * 3 + c)] : 114;
        // Bit for bit the division that models are trained with.
        ASSERT_EQ(slot[static_cast<std::size_t>((c * 12 + y) * 13 + x)], static_cast<float>(pixel) / 255.0F);
      }
    }
  }
}

TEST(Letterbox, SwapsColoursAndNormalises) {
  const std::uint8_t pixel[] = {10, 20, 30};
  Preprocess preprocess;
  preprocess.bgr = true;
  preprocess.scale = 1;
  preprocess.mean = {103.53F, 116.28F, 123.675F};
  preprocess.std = {57.375F, 57.12F, 58.395F};
  const auto letterbox = make_letterbox(preprocess, DType::kFloat32, 1, 1);
  ASSERT_TRUE(letterbox.ok());
  float slot[3];
  ASSERT_TRUE(letterbox->write({pixel, 1, 1, 3, PixelFormat::kRgb}, slot, nullptr).ok());
  EXPECT_FLOAT_EQ(slot[0], (30 - 103.53F) / 57.375F);
  EXPECT_FLOAT_EQ(slot[1], (20 - 116.28F) / 57.12F);
  EXPECT_FLOAT_EQ(slot[2], (10 - 123.675F) / 58.395F);
  ASSERT_TRUE(letterbox->write({pixel, 1, 1, 3, PixelFormat::kBgr}, slot, nullptr).ok());
  EXPECT_FLOAT_EQ(slot[0], (10 - 103.53F) / 57.375F);
}

TEST(Letterbox, CastsToTheInputType) {
  const Image image = random_picture(4, 4);
  const auto half = make_letterbox({}, DType::kFloat16, 4, 4);
  const auto bytes = make_letterbox({}, DType::kUint8, 4, 6);
  ASSERT_TRUE(half.ok() && bytes.ok());
  std::vector<std::uint16_t> half_slot(3 * 16);
  std::vector<std::uint8_t> byte_slot(3 * 24);
  ASSERT_TRUE(half->write(image.view(), half_slot.data(), nullptr).ok());
  ASSERT_TRUE(bytes->write(image.view(), byte_slot.data(), nullptr).ok());
  EXPECT_EQ(half_slot[0], float_to_half(static_cast<float>(image.pixels[0]) / 255));
  EXPECT_EQ(byte_slot[0], 114);
  EXPECT_EQ(byte_slot[4], image.pixels[0]);
  EXPECT_EQ(byte_slot[24 + 4], image.pixels[1]);
}

TEST(Letterbox, RefusesWhatItCannotDo) {
  EXPECT_EQ(make_letterbox({}, DType::kInt64, 8, 8).error().code, ErrorCode::kUnsupported);
  Preprocess zero;
  zero.std = {1, 0, 1};
  EXPECT_EQ(make_letterbox(zero, DType::kFloat32, 8, 8).error().code, ErrorCode::kInvalid);
  const auto letterbox = make_letterbox({}, DType::kFloat32, 2, 2);
  float slot[12];
  const std::uint8_t pixels[12] = {};
  EXPECT_EQ(letterbox->write({nullptr, 2, 2, 6, PixelFormat::kRgb}, slot, nullptr).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(letterbox->write({pixels, 0, 2, 6, PixelFormat::kRgb}, slot, nullptr).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(letterbox->write({pixels, 2, 2, 5, PixelFormat::kRgb}, slot, nullptr).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace saker
