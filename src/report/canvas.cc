// Shapes and text on a picture.
#include "report/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "media/text.h"

namespace saker {
namespace {

constexpr int kSmallestSide = 64, kLargestSide = 8192;
constexpr double kHalfCapital = 0.313;  // half the height of a capital letter of DejaVu Sans, in text sizes

PixelRect common(const PixelRect& a, const PixelRect& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

Image white(int width, int height) {
  Image image;
  image.width = std::clamp(width, 1, kLargestSide);
  image.height = std::clamp(height, 1, kLargestSide);
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3, 255);
  return image;
}

}  // namespace

Canvas::Canvas(int width, int height)
    : image_(white(std::max(width, kSmallestSide), std::max(height, kSmallestSide))) {}

void Canvas::blend(int x, int y, Rgb8 color, double opacity) {
  const std::size_t pixel =
      static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width) + static_cast<std::size_t>(x);
  std::uint8_t* rgb = image_.pixels.data() + pixel * 3;
  const auto mix = [&](std::uint8_t under, std::uint8_t over) {
    return static_cast<std::uint8_t>(std::lround(under + (over - under) * opacity));
  };
  rgb[0] = mix(rgb[0], color.r);
  rgb[1] = mix(rgb[1], color.g);
  rgb[2] = mix(rgb[2], color.b);
}

void Canvas::fill(PixelRect rect, Rgb8 color, double opacity) {
  rect = common(rect, whole());
  for (int y = rect.y0; y < rect.y1; ++y) {
    for (int x = rect.x0; x < rect.x1; ++x) blend(x, y, color, opacity);
  }
}

void Canvas::frame(const PixelRect& rect, Rgb8 color) {
  fill({rect.x0, rect.y0, rect.x1, rect.y0 + 1}, color);
  fill({rect.x0, rect.y1 - 1, rect.x1, rect.y1}, color);
  fill({rect.x0, rect.y0, rect.x0 + 1, rect.y1}, color);
  fill({rect.x1 - 1, rect.y0, rect.x1, rect.y1}, color);
}

void Canvas::stroke(std::span<const Place> path, double line_width, Rgb8 color, const PixelRect& clip, double opacity) {
  const Coverage coverage = stroke_coverage(path, line_width, common(clip, whole()));
  const PixelRect& area = coverage.area();
  for (int y = area.y0; y < area.y1; ++y) {
    for (int x = area.x0; x < area.x1; ++x) {
      if (const float covered = coverage.at(x, y); covered > 0) blend(x, y, color, opacity * covered);
    }
  }
}

void Canvas::text(std::u32string_view text, float size, double x, double y, Rgb8 color, Align align) {
  const double width = text_width(text, size);
  if (align == Align::kCenter) x -= width / 2;
  if (align == Align::kRight) x -= width;
  draw_text(image_, text, size, static_cast<float>(x), static_cast<float>(y + size * kHalfCapital), color);
}

void Canvas::text_up(std::u32string_view text, float size, double x, double y, Rgb8 color, Align align) {
  const double width = text_width(text, size);
  if (align == Align::kCenter) y += width / 2;
  if (align == Align::kRight) y += width;
  // Black on white, whose darkness is the coverage; then turned.
  const float ascent = text_ascent(size);
  Image lying = white(static_cast<int>(std::ceil(width)) + 2, static_cast<int>(std::ceil(size)) + 2);
  draw_text(lying, text, size, 1, ascent + 1, {0, 0, 0});
  const int left = static_cast<int>(std::lround(x + size * kHalfCapital - ascent)) - 1;
  const int bottom = static_cast<int>(std::lround(y));
  for (int v = 0; v < lying.height; ++v) {
    for (int u = 0; u < lying.width; ++u) {
      const int px = left + v, py = bottom - u;
      if (px < 0 || py < 0 || px >= image_.width || py >= image_.height) continue;
      const std::size_t pixel =
          static_cast<std::size_t>(v) * static_cast<std::size_t>(lying.width) + static_cast<std::size_t>(u);
      blend(px, py, color, (255 - lying.pixels[pixel * 3]) / 255.0);
    }
  }
}

}  // namespace saker
