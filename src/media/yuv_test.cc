// Pictures in planes against the formulas of the standards, in floating point, and against FFmpeg's.
#include "media/yuv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <random>

#include "base/files.h"
#include "base/process.h"
#include "support/planar_pictures.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

// Any byte, or the ends of the range more often than by chance.
class Bytes {
 public:
  explicit Bytes(std::uint32_t seed) : engine_(seed) {}
  std::uint8_t operator()() {
    const auto bits = engine_();
    if ((bits & 0xF00) == 0) return (bits & 1) != 0 ? 255 : 0;
    return static_cast<std::uint8_t>(bits);
  }

 private:
  std::mt19937 engine_;
};

// Rounded to the nearest, and a twentieth for coefficients of 14 bits.
constexpr double kRounded = 0.55;

void expect_colours(const PlanarView& picture) {
  const Image image = to_rgb(picture);
  ASSERT_EQ(image.width, picture.width);
  ASSERT_EQ(image.height, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const auto wanted = rgb_of(samples_of(picture, x, y), bits_of(picture), picture.bt709, picture.full_range);
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(image.pixels[static_cast<std::size_t>((y * picture.width + x) * 3 + c)],
                    wanted[static_cast<std::size_t>(c)], kRounded)
            << "layout " << static_cast<int>(picture.layout) << " at " << x << "," << y << " of " << picture.width
            << "x" << picture.height << " channel " << c << (picture.bt709 ? " 709" : " 601")
            << (picture.full_range ? " full" : " limited");
      }
    }
  }
}

constexpr std::array<std::array<int, 2>, 8> kSizes = {
    {{1, 1}, {2, 2}, {1, 5}, {5, 1}, {3, 3}, {17, 7}, {64, 6}, {101, 33}}};

TEST(Yuv, RgbIsThatOfTheStandards) {
  Bytes bytes(5);
  for (const PlanarLayout layout : all_planar_layouts()) {
    for (const auto& [width, height] : kSizes) {
      const GuardedPlanes picture(layout, width, height, width % 3, bytes);
      for (const bool bt709 : {false, true}) {
        for (const bool full_range : {false, true}) expect_colours(picture.view(bt709, full_range));
      }
    }
  }
}

// Greys have no colour, whatever the rounding; black and white are the ends.
TEST(Yuv, GreysStayGrey) {
  for (const bool bt709 : {false, true}) {
    for (const bool full_range : {false, true}) {
      I420Image image{
          256, 1, bt709, full_range, {}, std::vector<std::uint8_t>(128, 128), std::vector<std::uint8_t>(128, 128)};
      for (int i = 0; i < 256; ++i) image.y.push_back(static_cast<std::uint8_t>(i));
      const Image rgb = to_rgb(image.view());
      for (std::size_t i = 0; i < 256; ++i) {
        EXPECT_EQ(rgb.pixels[3 * i], rgb.pixels[3 * i + 1]);
        EXPECT_EQ(rgb.pixels[3 * i], rgb.pixels[3 * i + 2]);
      }
      EXPECT_EQ(rgb.pixels[full_range ? 0 : 3 * 16], 0);
      EXPECT_EQ(rgb.pixels[3 * (full_range ? 255 : 235)], 255);
    }
  }
}

TEST(Yuv, CopiesAreTheHighBitsOfTheSamples) {
  Bytes bytes(7);
  I420Image copy;
  for (const PlanarLayout layout : all_planar_layouts()) {
    for (const auto& [width, height] : kSizes) {
      const GuardedPlanes picture(layout, width, height, height % 4, bytes);
      const PlanarView view = picture.view(width % 2 == 0, height % 2 == 0);
      copy_planes(view, copy);
      const PlanarView copied = copy.view();
      ASSERT_EQ(copy.y.size(), static_cast<std::size_t>(width * height));
      ASSERT_EQ(copy.u.size(), static_cast<std::size_t>((width + 1) / 2 * ((height + 1) / 2)));
      ASSERT_EQ(copy.v.size(), copy.u.size());
      EXPECT_EQ(copied.bt709, view.bt709);
      EXPECT_EQ(copied.full_range, view.full_range);
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const Ycc from = samples_of(view, x, y), to = samples_of(copied, x, y);
          const int more = bits_of(view) - 8;
          ASSERT_TRUE(to.y == from.y >> more && to.u == from.u >> more && to.v == from.v >> more)
              << "layout " << static_cast<int>(layout) << " at " << x << "," << y << " of " << width << "x" << height;
        }
      }
    }
  }
}

TEST(Yuv, FollowsAStrideThatGoesUp) {
  Bytes bytes(9);
  const GuardedPlanes picture(PlanarLayout::kNv12, 6, 4, 0, bytes);
  const PlanarView view = picture.view(true, false);
  PlanarView turned = view;
  for (std::size_t p = 0; p < 2; ++p) {
    turned.data[p] += (p == 0 ? 3 : 1) * view.stride_bytes[p];
    turned.stride_bytes[p] = -view.stride_bytes[p];
  }
  const Image up = to_rgb(view), down = to_rgb(turned);
  for (std::size_t y = 0; y < 4; ++y) {
    EXPECT_TRUE(std::equal(up.pixels.begin() + static_cast<std::ptrdiff_t>(18 * y),
                           up.pixels.begin() + static_cast<std::ptrdiff_t>(18 * y + 18),
                           down.pixels.begin() + static_cast<std::ptrdiff_t>(18 * (3 - y))));
  }
}

// The forward formulas of BT.601 and BT.709, limited range; chroma of the mean of the pixels that a block has, the last
// column and row repeated.
void expect_planes(const ImageView& picture, bool bt709) {
  I420Image planes;
  planes.bt709 = bt709;
  planes.full_range = true;
  from_rgb(picture, planes);
  ASSERT_EQ(planes.width, picture.width);
  ASSERT_EQ(planes.height, picture.height);
  EXPECT_EQ(planes.bt709, bt709);
  EXPECT_FALSE(planes.full_range);
  const auto pixel = [&](int x, int y, int c) {
    x = std::min(x, picture.width - 1);
    y = std::min(y, picture.height - 1);
    return static_cast<double>(
        picture.data[y * picture.stride_bytes + 3 * x + (picture.format == PixelFormat::kBgr ? 2 - c : c)]);
  };
  const auto luma = [&](double r, double g, double b) {
    return bt709 ? 0.2126 * r + 0.7152 * g + 0.0722 * b : 0.299 * r + 0.587 * g + 0.114 * b;
  };
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double wanted = 16 + 219 / 255.0 * luma(pixel(x, y, 0), pixel(x, y, 1), pixel(x, y, 2));
      ASSERT_NEAR(planes.y[static_cast<std::size_t>(y * picture.width + x)], wanted, 0.51) << x << "," << y;
    }
  }
  for (int y = 0; y < planes.chroma_height(); ++y) {
    for (int x = 0; x < planes.chroma_width(); ++x) {
      double mean[3];
      for (int c = 0; c < 3; ++c)
        mean[c] = (pixel(2 * x, 2 * y, c) + pixel(2 * x + 1, 2 * y, c) + pixel(2 * x, 2 * y + 1, c) +
                   pixel(2 * x + 1, 2 * y + 1, c)) /
                  4;
      const double grey = luma(mean[0], mean[1], mean[2]);
      const auto at = static_cast<std::size_t>(y * planes.chroma_width() + x);
      ASSERT_NEAR(planes.u[at], 128 + 224 / 255.0 * (mean[2] - grey) / (bt709 ? 1.8556 : 1.772), 1) << x << "," << y;
      ASSERT_NEAR(planes.v[at], 128 + 224 / 255.0 * (mean[0] - grey) / (bt709 ? 1.5748 : 1.402), 1) << x << "," << y;
    }
  }
}

Image random_rgb(int width, int height, Bytes& bytes) {
  Image image{width, height, {}, {}};
  for (int i = 0; i < 3 * width * height; ++i) image.pixels.push_back(bytes());
  return image;
}

TEST(Yuv, PlanesAreThoseOfTheStandards) {
  Bytes bytes(11);
  for (const auto& [width, height] : kSizes) {
    const Image image = random_rgb(width, height, bytes);
    for (const bool bt709 : {false, true}) {
      expect_planes(image.view(), bt709);
      ImageView other = image.view();
      other.format = PixelFormat::kBgr;
      other.data += (height - 1) * other.stride_bytes;
      other.stride_bytes = -other.stride_bytes;
      expect_planes(other, bt709);
    }
  }
}

TEST(Yuv, ThereAndBackIsNearlyTheSame) {
  Image image{64, 48, std::vector<std::uint8_t>(std::size_t{64} * 48 * 3), {}};
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) {  // blocks of one colour
      for (int c = 0; c < 3; ++c)
        image.pixels[static_cast<std::size_t>((y * 64 + x) * 3 + c)] =
            static_cast<std::uint8_t>(40 + x / 2 * 3 + y / 2 * 2 * c);
    }
  }
  for (const bool bt709 : {false, true}) {
    I420Image planes;
    planes.bt709 = bt709;
    from_rgb(image.view(), planes);
    const Image back = to_rgb(planes.view());
    // A step of limited chroma is up to 2.1 of 255, of luma 1.2.
    for (std::size_t i = 0; i < image.pixels.size(); ++i) ASSERT_NEAR(back.pixels[i], image.pixels[i], 2.5) << i;
  }
}

// ---- FFmpeg ----

struct Peer {
  const char* pixels;
  PlanarLayout layout;
  bool bt709, full_range;
};

// swscale's own integers are coarser: within 3 of 255 of ours, in the mean within 1.
void expect_as_ffmpeg(const Peer& peer) {
  constexpr int kWidth = 64, kHeight = 48;
  Bytes bytes(13);
  const GuardedPlanes picture(peer.layout, kWidth, kHeight, 0,
                              [&] { return static_cast<std::uint8_t>(64 + bytes() / 2); });
  const PlanarView view = picture.view(peer.bt709, peer.full_range);
  const test::TempFolder folder;
  std::ofstream raw(folder.path("in.raw"), std::ios::binary);
  const bool pairs = view.data[2] == nullptr;
  for (std::size_t p = 0; p < (pairs ? 2U : 3U); ++p)
    raw.write(reinterpret_cast<const char*>(view.data[p]), view.stride_bytes[p] * (p == 0 ? kHeight : kHeight / 2));
  raw.close();
  const std::string scale = std::string("scale=sws_flags=neighbor+accurate_rnd+full_chroma_int:in_color_matrix=") +
                            (peer.bt709 ? "bt709" : "bt601") + ":in_range=" + (peer.full_range ? "full" : "limited");
  auto ffmpeg = Process::start({"ffmpeg", "-v", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", peer.pixels, "-s",
                                "64x48", "-i", folder.path("in.raw"), "-vf", scale, "-pix_fmt", "rgb24", "-f",
                                "rawvideo", folder.path("out.raw")});
  if (!ffmpeg.ok()) GTEST_SKIP() << "needs the program ffmpeg: " << ffmpeg.error().message;
  const auto ending = ffmpeg->wait(60'000);
  ASSERT_TRUE(ending.ok() && ending->ok()) << ffmpeg->errors();
  std::ifstream out(folder.path("out.raw"), std::ios::binary);
  const std::vector<char> theirs((std::istreambuf_iterator<char>(out)), std::istreambuf_iterator<char>());
  const Image ours = to_rgb(view);
  ASSERT_EQ(theirs.size(), ours.pixels.size());
  double sum = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const int difference = std::abs(static_cast<std::uint8_t>(theirs[i]) - ours.pixels[i]);
    ASSERT_LE(difference, 3) << peer.pixels << " " << i;
    sum += difference;
  }
  EXPECT_LE(sum / static_cast<double>(theirs.size()), 1) << peer.pixels;
}

TEST(Yuv, IsWhatFfmpegGives) {
  for (const Peer& peer : {Peer{"yuv420p", PlanarLayout::kI420, false, false},
                           {"nv12", PlanarLayout::kNv12, true, false},
                           {"yuv420p", PlanarLayout::kI420, true, true},
                           {"p010le", PlanarLayout::kP010, true, false}}) {
    expect_as_ffmpeg(peer);
    if (testing::Test::IsSkipped() || testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace saker
