// Colours of the classes: twenty chosen ones, then hues a golden angle apart.
#include "media/palette.h"

#include <array>
#include <cmath>

namespace saker {
namespace {

// Neighbours in the list differ in hue and in lightness: they often meet in one picture.
constexpr std::array<Rgb8, 20> kChosen = {{
    {230, 48, 56},  {36, 132, 245},  {64, 192, 64},  {255, 152, 20}, {150, 70, 224},   //
    {20, 196, 200}, {246, 84, 172},  {248, 212, 24}, {32, 78, 190},  {170, 224, 40},   //
    {176, 96, 40},  {148, 196, 255}, {140, 22, 60},  {0, 146, 112},  {255, 168, 148},  //
    {104, 116, 16}, {204, 148, 255}, {12, 104, 130}, {255, 96, 30},  {140, 240, 184},
}};

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::lround(value * 255.0));
}

Rgb8 from_hsv(double hue_degrees, double saturation, double value) {
  const auto channel = [&](double offset) {
    const double k = std::fmod(offset + hue_degrees / 60.0, 6.0);
    const double ramp = std::fmax(0.0, std::fmin(1.0, std::fmin(k, 4.0 - k)));
    return to_byte(value * (1.0 - saturation * ramp));
  };
  return {channel(5.0), channel(3.0), channel(1.0)};
}

// Perceived brightness in linear light, 0..1.
double luminance(Rgb8 color) {
  const auto linear = [](std::uint8_t v) { return std::pow(v / 255.0, 2.2); };
  return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
}

}  // namespace

Rgb8 class_color(int index) {
  const auto number = static_cast<unsigned>(index);
  if (number < kChosen.size()) return kChosen[number];
  constexpr double kGoldenAngle = 137.50776405;
  constexpr std::array<double, 3> kValues = {0.95, 0.7, 0.85};
  constexpr std::array<double, 2> kSaturations = {0.85, 0.55};
  return from_hsv(std::fmod(number * kGoldenAngle, 360.0), kSaturations[number / 3 % 2], kValues[number % 3]);
}

Rgb8 text_color_on(Rgb8 background) {
  // The middle between the contrast ratios to white and to black, a little towards white text.
  constexpr double kBalance = 0.26;
  return luminance(background) > kBalance ? Rgb8{0, 0, 0} : Rgb8{255, 255, 255};
}

}  // namespace saker
