#include "synth/themes/number_plates.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace saker::synth {
namespace {

constexpr Color kInk = {0.05, 0.05, 0.06}, kBand = {0.05, 0.15, 0.55};

Color white(PortableRandom& random) {
  return lit({0.98, 0.98, 0.96}, random.between(0.86, 1));
}

// A stands for any letter, 0 for any digit.
std::string draw_text(std::string_view pattern, PortableRandom& random) {
  std::string text;
  for (const char c : pattern) {
    if (c == 'A') {
      text += static_cast<char>('A' + random.below(26));
    } else {
      text += c == '0' ? static_cast<char>('0' + random.below(10)) : c;
    }
  }
  return text;
}

template <std::size_t N>
std::string draw_text(const char* const (&patterns)[N], PortableRandom& random) {
  return draw_text(patterns[random.below(N)], random);
}

// As high as fits into the rectangle.
void add_text(Figure& f, const std::string& text, Point middle, double half_width, double height, Color ink) {
  const double fitting = std::min(height, 2 * half_width / text_width(text, 1));
  f.text(text, middle, fitting, fitting * 0.075, ink);
}

// The plate itself with a rim.
NumberPlate blank(double half_height, double half_width, Color ground, Color rim) {
  NumberPlate plate;
  plate.half_height = half_height;
  plate.half_width = half_width;
  plate.figure.box({}, 1, half_height, ground, 0.03);
  plate.figure.box({}, 0.985, half_height - 0.015, ground, 0.03).outline(0.008, rim);
  return plate;
}

void add_band(Figure& f, double half_height, double side, PortableRandom& random) {
  static constexpr const char* kLands[] = {"D", "F", "I", "NL", "E", "PL", "B", "GB", "S", "A", "P", "CZ"};
  const Point middle = {side * 0.905, 0};
  f.box(middle, 0.085, half_height - 0.02, kBand, 0.015);
  for (const Point& star : regular_polygon(10, 0.05, 0, {middle.x, -half_height * 0.36}))
    f.disc(star, 0.009, {0.95, 0.8, 0.15});
  add_text(f, kLands[random.below(std::size(kLands))], {middle.x, half_height * 0.5}, 0.06, 0.11, {0.96, 0.96, 0.96});
}

NumberPlate european(Color ground, PortableRandom& random) {
  static constexpr const char* kPatterns[] = {"AA-000-AA", "AA AA 000", "A AA 0000", "AAA 000",  "AA00 AAA",
                                              "0000 AAA",  "AA 00000",  "A-000-AA",  "00-AA-00", "0 AAA 000"};
  NumberPlate plate = blank(0.2115, 0.25, ground, kInk);
  const double bands = random.between(0, 1);
  const bool left = bands < 0.85, right = bands < 0.2;
  if (left) add_band(plate.figure, plate.half_height, -1, random);
  if (right) add_band(plate.figure, plate.half_height, 1, random);
  const double from = left ? -0.8 : -0.95, to = right ? 0.8 : 0.95;
  const Color ink = chance(random, 0.08) ? Color{0.6, 0.05, 0.08} : kInk;
  add_text(plate.figure, draw_text(kPatterns, random), {(from + to) / 2, 0}, (to - from) / 2 - 0.04, 0.28, ink);
  return plate;
}

NumberPlate american(PortableRandom& random) {
  static constexpr const char* kPatterns[] = {"AAA 0000", "0AAA000", "AAA 000", "000 AAA", "AA 00000", "AAA-0000"};
  static constexpr const char* kStates[] = {"OREGON", "TEXAS", "OHIO",   "NEVADA", "UTAH",
                                            "MAINE",  "IOWA",  "ALASKA", "ONTARIO"};
  static constexpr const char* kMottos[] = {"LAKES AND HILLS", "SUNSHINE", "FIRST IN FLIGHT", "WILD WEST", "BIG SKY"};
  const Color paper = white(random), tint = draw_color(random);
  const Color ground = mix(paper, tint, chance(random, 0.6) ? random.between(0, 0.3) : 0.0);
  const Color strong = draw_color(random, 0, 0.5), small = draw_color(random, 0, 0.6);
  const Color ink = lit(strong, random.between(0.2, 1));
  NumberPlate plate = blank(0.5, 0.17, ground, lit(ground, 0.6));
  if (chance(random, 0.4)) {  // a landscape
    const Color hill = mix(ground, draw_color(random), 0.4);
    plate.figure.polygon(
        {{-0.96, 0.46}, {-0.96, 0.1}, {-0.4, -0.1}, {0.1, 0.12}, {0.5, -0.02}, {0.96, 0.2}, {0.96, 0.46}}, hill);
  }
  if (chance(random, 0.3)) plate.figure.box({0, -0.38}, 0.98, 0.1, small, 0.02);
  const char* const state = kStates[random.below(std::size(kStates))];
  add_text(plate.figure, state, {0, -0.37}, 0.6, 0.13, chance(random, 0.3) ? paper : lit(small, 0.5));
  add_text(plate.figure, draw_text(kPatterns, random), {0, 0.03}, 0.86, 0.44, ink);
  if (chance(random, 0.6))
    add_text(plate.figure, kMottos[random.below(std::size(kMottos))], {0, 0.4}, 0.6, 0.08, small);
  for (const double x : {-0.6, 0.6}) plate.figure.disc({x, -0.42}, 0.035, {0.35, 0.35, 0.36});
  return plate;
}

NumberPlate two_rows(PortableRandom& random) {
  static constexpr const char* kUpper[] = {"AA 00", "AAA", "AA", "00 AA", "000"};
  static constexpr const char* kLower[] = {"AA 000", "00-00", "0000", "A 000", "AA 00"};
  const Color ground = chance(random, 0.3) ? Color{0.95, 0.78, 0.15} : white(random);
  const Color ink = chance(random, 0.3) ? Color{0.05, 0.3, 0.2} : kInk;
  const double half_height = random.between(0.5, 0.72);
  NumberPlate plate = blank(half_height, random.between(0.15, 0.18), ground, ink);
  const double h = plate.half_height;
  const bool band = chance(random, 0.3);
  if (band) add_band(plate.figure, h, -1, random);
  add_text(plate.figure, draw_text(kUpper, random), {band ? 0.09 : 0, -h * 0.5}, 0.6, h * 0.6, ink);
  add_text(plate.figure, draw_text(kLower, random), {band ? 0.09 : 0, h * 0.38}, 0.78, h * 0.85, ink);
  return plate;
}

NumberPlate dark(PortableRandom& random) {
  static constexpr const char* kPatterns[] = {"AAA 0000", "A 0000 AA", "AA 00000", "AAA 000", "00 AAA 00"};
  static constexpr Color kGrounds[] = {{0.05, 0.05, 0.06}, {0.06, 0.2, 0.6}, {0.03, 0.35, 0.2}, {0.55, 0.06, 0.08}};
  const Color ink = white(random);
  const Color ground = kGrounds[random.below(std::size(kGrounds))];
  const double half_height = random.between(0.2, 0.32);
  NumberPlate plate = blank(half_height, random.between(0.2, 0.25), ground, ink);
  add_text(plate.figure, draw_text(kPatterns, random), {}, 0.9, plate.half_height * 1.35, ink);
  return plate;
}

NumberPlate plain(PortableRandom& random) {
  static constexpr const char* kPatterns[] = {"AAA-000", "AAA0A00", "00-000-00", "AA-00-AA", "0AA 000", "AAA 00 00"};
  const Color ground = white(random);
  const double half_height = random.between(0.2, 0.34);
  NumberPlate plate = blank(half_height, random.between(0.2, 0.25), ground, kInk);
  const double h = plate.half_height;
  const bool head = h > 0.26 && chance(random, 0.6);
  if (head) plate.figure.box({0, -h + 0.055}, 0.98, 0.055, kBand, 0.02);
  add_text(plate.figure, draw_text(kPatterns, random), {0, head ? 0.05 : 0.0}, 0.88, (head ? h - 0.06 : h) * 1.35,
           kInk);
  return plate;
}

}  // namespace

NumberPlate draw_number_plate(PlateLayout layout, PortableRandom& random) {
  switch (layout) {
    case PlateLayout::kEuropean:
      return european(white(random), random);
    case PlateLayout::kYellow:
      return european({random.between(0.9, 1), random.between(0.72, 0.82), random.between(0.05, 0.2)}, random);
    case PlateLayout::kAmerican:
      return american(random);
    case PlateLayout::kTwoRows:
      return two_rows(random);
    case PlateLayout::kDark:
      return dark(random);
    default:
      return plain(random);
  }
}

}  // namespace saker::synth
