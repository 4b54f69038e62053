#include "augment/colors.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace saker::augment {
namespace {

constexpr std::size_t kBlock = 128;  // pixels at a time, as planes that the compiler makes vectors of

// From RGB and back without a question: channel n of (h, s, v) is v - v * s * max(0, min(k, 4 - k, 1)) with
// k = (n + 6h) mod 6 and n = 5, 3, 1 for red, green, blue (the "alternative" formula of HSV to RGB).
void change_block(const ColorChange& change, float* red, float* green, float* blue) {
  const float hue_times = change.hue_times, hue_plus = change.hue_plus * 6;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float r = red[i], g = green[i], b = blue[i];
    const float high = std::max(r, std::max(g, b)), chroma = high - std::min(r, std::min(g, b));
    const float per_chroma = 1 / std::max(chroma, 1.0F);  // bytes: 0 or at least 1
    // [0, 6): a sixth of a turn for each
    const float from_red = (g - b) * per_chroma + (g < b ? 6.0F : 0.0F);
    const float from_green = (b - r) * per_chroma + 2, from_blue = (r - g) * per_chroma + 4;
    float hue = high == r ? from_red : high == g ? from_green : from_blue;
    hue = hue * hue_times + hue_plus;
    hue -= 6 * static_cast<float>(static_cast<int>(hue * (1 / 6.0F) + 8) - 8);  // the cast rounds down above 0
    const float saturation = std::min(
        std::max(chroma / std::max(high, 1.0F) * change.saturation_times + change.saturation_plus, 0.0F), 1.0F);
    const float value = std::min(std::max(high * change.value_times + change.value_plus * 255, 0.0F), 255.0F);
    const float fall = value * saturation;
    const auto channel = [&](float n) {
      float k = n + hue;
      k -= k >= 6 ? 6.0F : 0.0F;
      return value - fall * std::max(0.0F, std::min(std::min(k, 4 - k), 1.0F)) + 0.5F;
    };
    red[i] = channel(5);
    green[i] = channel(3);
    blue[i] = channel(1);
  }
}

}  // namespace

// Gains of YOLOX in OpenCV's units: of 180 for hue, of 255 for the others.
ColorChange draw_color_change(const Augmentation& a, PortableRandom& random) {
  const double h = random.between(-1, 1), s = random.between(-1, 1), v = random.between(-1, 1);
  ColorChange change;
  if (a.yolox) {
    const bool wanted = random.between(0, 1) < a.hsv_prob;
    const std::uint64_t which = random.below(8);
    if (!wanted) return change;
    if ((which & 1) != 0) change.hue_plus = static_cast<float>(h * 5 / 180);
    if ((which & 2) != 0) change.saturation_plus = static_cast<float>(s * 30 / 255);
    if ((which & 4) != 0) change.value_plus = static_cast<float>(v * 30 / 255);
    return change;
  }
  (a.additive_hue ? change.hue_plus : change.hue_times) = static_cast<float>(h * a.hsv_h + (a.additive_hue ? 0 : 1));
  change.saturation_times = static_cast<float>(1 + s * a.hsv_s);
  change.value_times = static_cast<float>(1 + v * a.hsv_v);
  return change;
}

void change_colors(const ColorChange& change, std::size_t pixels, std::uint8_t* rgb) {
  if (change == ColorChange{}) return;
  float red[kBlock] = {}, green[kBlock] = {}, blue[kBlock] = {};
  for (std::size_t first = 0; first < pixels; first += kBlock, rgb += 3 * kBlock) {
    const std::size_t count = std::min(kBlock, pixels - first);
    for (std::size_t i = 0; i < count; ++i) {
      red[i] = rgb[3 * i];
      green[i] = rgb[3 * i + 1];
      blue[i] = rgb[3 * i + 2];
    }
    change_block(change, red, green, blue);
    for (std::size_t i = 0; i < count; ++i) {
      rgb[3 * i] = static_cast<std::uint8_t>(static_cast<int>(red[i]));
      rgb[3 * i + 1] = static_cast<std::uint8_t>(static_cast<int>(green[i]));
      rgb[3 * i + 2] = static_cast<std::uint8_t>(static_cast<int>(blue[i]));
    }
  }
}

void mix_pixels(double share, const std::uint8_t* other, std::size_t bytes, std::uint8_t* pixels) {
  const auto a = static_cast<std::uint16_t>(std::lround(share * 256)), b = static_cast<std::uint16_t>(256 - a);
  for (std::size_t i = 0; i < bytes; ++i) {
    pixels[i] = static_cast<std::uint8_t>((pixels[i] * a + other[i] * b + 128) >> 8);
  }
}

void mirror(ImageSize size, std::uint8_t* rgb) {
  for (int y = 0; y < size.height; ++y, rgb += std::ptrdiff_t{3} * size.width) {
    std::uint8_t *left = rgb, *right = rgb + std::ptrdiff_t{3} * (size.width - 1);
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

void turn_over(ImageSize size, std::uint8_t* rgb) {
  const std::ptrdiff_t row = std::ptrdiff_t{3} * size.width;
  for (std::uint8_t *top = rgb, *bottom = rgb + row * (size.height - 1); top < bottom; top += row, bottom -= row) {
    std::swap_ranges(top, top + row, bottom);
  }
}

}  // namespace saker::augment
