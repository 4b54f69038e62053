#include "augment/colors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace saker::augment {
namespace {

using Rgb = std::array<double, 3>;

// By the six cases of the textbook.
Rgb changed(const Rgb& in, const ColorChange& change) {
  const double high = std::max({in[0], in[1], in[2]}), low = std::min({in[0], in[1], in[2]}), chroma = high - low;
  double hue = 0;
  if (chroma > 0) {
    if (high == in[0]) {
      hue = (in[1] - in[2]) / chroma / 6;
    } else if (high == in[1]) {
      hue = ((in[2] - in[0]) / chroma + 2) / 6;
    } else {
      hue = ((in[0] - in[1]) / chroma + 4) / 6;
    }
  }
  hue -= std::floor(hue);
  hue = hue * change.hue_times + change.hue_plus;
  hue -= std::floor(hue);
  const double s =
      std::clamp((high > 0 ? chroma / high : 0) * change.saturation_times + change.saturation_plus, 0.0, 1.0);
  const double v = std::clamp(high / 255 * change.value_times + change.value_plus, 0.0, 1.0) * 255;
  const int sector = static_cast<int>(hue * 6) % 6;
  const double f = hue * 6 - std::floor(hue * 6);
  const double p = v * (1 - s), q = v * (1 - f * s), t = v * (1 - (1 - f) * s);
  switch (sector) {
    case 0:
      return {v, t, p};
    case 1:
      return {q, v, p};
    case 2:
      return {p, v, t};
    case 3:
      return {p, q, v};
    case 4:
      return {t, p, v};
    default:
      return {v, p, q};
  }
}

std::vector<std::uint8_t> many_colors() {
  std::vector<std::uint8_t> pixels;
  for (int r = 0; r < 256; r += 15) {
    for (int g = 0; g < 256; g += 15) {
      for (int b = 0; b < 256; b += 15) {
        for (const int value : {r, g, b}) pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return pixels;
}

TEST(Colors, ChangeAsTheTextbookSays) {
  const std::vector<std::uint8_t> before = many_colors();
  for (const ColorChange& change :
       {ColorChange{1, 0.013F, 1.3F, 0, 0.8F, 0}, ColorChange{1, -0.4F, 0.4F, 0, 1.4F, 0},
        ColorChange{1.015F, 0, 1.7F, 0, 1, 0}, ColorChange{0.3F, 0, 1, 0, 1, 0},
        ColorChange{1, 0.027F, 1, 0.1F, 1, -0.1F}, ColorChange{1, -0.02F, 1, -0.1F, 1, 0.1F},
        ColorChange{1, 0.999F, 1, 0, 1, 0}, ColorChange{2, 1, 2, 0, 2, 0}}) {
    std::vector<std::uint8_t> after = before;
    change_colors(change, after.size() / 3, after.data());
    for (std::size_t i = 0; i < after.size(); i += 3) {
      const Rgb wanted = changed(
          {static_cast<double>(before[i]), static_cast<double>(before[i + 1]), static_cast<double>(before[i + 2])},
          change);
      for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(after[i + c], wanted[c], 0.6) << "colour " << i / 3;
    }
  }
}

TEST(Colors, OfCountsThatAreNoMultipleOfABlockAreAllChanged) {
  const std::vector<std::uint8_t> colors = many_colors();
  for (const std::size_t count : {1UL, 127UL, 128UL, 129UL, 1000UL}) {
    std::vector<std::uint8_t> all = colors, some = colors;
    const ColorChange change = {1, 0.1F, 0.5F, 0, 0.7F, 0};
    change_colors(change, colors.size() / 3, all.data());
    change_colors(change, count, some.data());
    EXPECT_TRUE(std::equal(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count * 3), all.begin()));
    EXPECT_TRUE(std::equal(some.begin() + static_cast<std::ptrdiff_t>(count * 3), some.end(),
                           colors.begin() + static_cast<std::ptrdiff_t>(count * 3)));
  }
}

// Ultralytics and YOLOv5 multiply saturation: what has none gets none. YOLOX adds to it.
TEST(Colors, GreysStayGreyUnlessSaturationIsAdded) {
  std::vector<std::uint8_t> greys;
  for (int i = 0; i < 256; ++i) greys.insert(greys.end(), 3, static_cast<std::uint8_t>(i));
  for (const bool additive : {true, false}) {
    Augmentation augmentation;
    augmentation.hsv_h = augmentation.hsv_s = augmentation.hsv_v = 1;
    augmentation.additive_hue = additive;
    PortableRandom random(5);
    for (int i = 0; i < 50; ++i) {
      std::vector<std::uint8_t> after = greys;
      change_colors(draw_color_change(augmentation, random), 256, after.data());
      for (std::size_t k = 0; k < after.size(); k += 3) {
        EXPECT_EQ(after[k], after[k + 1]);
        EXPECT_EQ(after[k], after[k + 2]);
      }
    }
  }
}

TEST(Colors, AreDrawnWithinTheirGains) {
  Augmentation augmentation;
  PortableRandom random(1);
  float least = 2, most = 0;
  for (int i = 0; i < 1000; ++i) {
    const ColorChange change = draw_color_change(augmentation, random);
    EXPECT_LE(std::abs(change.hue_plus), 0.015F);
    EXPECT_EQ(change.hue_times, 1);
    EXPECT_EQ(change.value_plus, 0);
    EXPECT_LE(std::abs(change.value_times - 1), 0.4001F);
    least = std::min(least, change.saturation_times);
    most = std::max(most, change.saturation_times);
  }
  EXPECT_NEAR(least, 0.3, 0.02);
  EXPECT_NEAR(most, 1.7, 0.02);
  augmentation.additive_hue = false;
  EXPECT_NE(draw_color_change(augmentation, random).hue_times, 1);

  augmentation.yolox = true;
  int still = 0;
  for (int i = 0; i < 1000; ++i) {
    const ColorChange change = draw_color_change(augmentation, random);
    EXPECT_LE(std::abs(change.hue_plus), 5 / 180.0F);
    EXPECT_LE(std::abs(change.saturation_plus), 30 / 255.0F);
    if (change == ColorChange{}) ++still;
  }
  EXPECT_NEAR(still, 125, 50);  // each of the three is left alone every second time
  augmentation.hsv_prob = 0;
  EXPECT_EQ(draw_color_change(augmentation, random), ColorChange{});
}

}  // namespace
}  // namespace saker::augment
