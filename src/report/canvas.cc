// A small rasteriser: how much of a pixel a line covers is told by the distance of the pixel's middle to it.
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

double distance_to_segment(Place p, Place a, Place b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const double along = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return std::sqrt(x * x + y * y);
}

PixelRect common(const PixelRect& a, const PixelRect& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

// Coverage of the pixels of a rectangle, 0..1.
class Coverage {
 public:
  explicit Coverage(const PixelRect& area)
      : area_(area),
        values_(static_cast<std::size_t>(std::max(area.width(), 0)) *
                static_cast<std::size_t>(std::max(area.height(), 0))) {}

  void add_segment(Place a, Place b, double half_width) {
    if (a.y > b.y) std::swap(a, b);
    const double reach = half_width + 1;
    const int last = std::min(area_.y1 - 1, static_cast<int>(std::floor(b.y + reach)));
    for (int y = std::max(area_.y0, static_cast<int>(std::floor(a.y - reach))); y <= last; ++y) {
      // Of the segment only the part near this row can touch its pixels.
      const double from = x_at(a, b, y - reach), to = x_at(a, b, y + 1 + reach);
      const int right = std::min(area_.x1 - 1, static_cast<int>(std::floor(std::max(from, to) + reach)));
      for (int x = std::max(area_.x0, static_cast<int>(std::floor(std::min(from, to) - reach))); x <= right; ++x) {
        const double covered = half_width + 0.5 - distance_to_segment({x + 0.5, y + 0.5}, a, b);
        float& value = at(x, y);
        value = std::max(value, static_cast<float>(std::clamp(covered, 0.0, 1.0)));
      }
    }
  }

  float& at(int x, int y) {
    return values_[static_cast<std::size_t>(y - area_.y0) * static_cast<std::size_t>(area_.width()) +
                   static_cast<std::size_t>(x - area_.x0)];
  }
  const PixelRect& area() const { return area_; }

 private:
  // Of the segment, at the height y or at the end nearest to it.
  static double x_at(Place a, Place b, double y) {
    if (y <= a.y) return a.x;
    if (y >= b.y) return b.x;
    return a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
  }

  PixelRect area_;
  std::vector<float> values_;
};

// The pixels that a path of that half width can touch.
PixelRect bounds(std::span<const Place> path, double half_width, const PixelRect& clip) {
  const double reach = half_width + 1;
  double left = clip.x1, right = clip.x0, top = clip.y1, bottom = clip.y0;
  for (const Place& p : path) {
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  const auto pixel = [](double v, int low, int high) {
    return static_cast<int>(std::clamp(v, static_cast<double>(low), static_cast<double>(high)));
  };
  return {pixel(std::floor(left - reach), clip.x0, clip.x1), pixel(std::floor(top - reach), clip.y0, clip.y1),
          pixel(std::ceil(right + reach), clip.x0, clip.x1), pixel(std::ceil(bottom + reach), clip.y0, clip.y1)};
}

Image white(int width, int height) {
  Image image;
  image.width = std::clamp(width, 1, kLargestSide);
  image.height = std::clamp(height, 1, kLargestSide);
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3, 255);
  return image;
}

}  // namespace

// Cut at one side after the other (Sutherland & Hodgman 1974): an end that is cut lies on the side exactly, however
// far away it was.
bool clip_segment(Place& a, Place& b, const PixelRect& rect) {
  const auto cut = [&](double Place::*across, double Place::*along, double side, bool below) {
    const auto outside = [&](const Place& p) { return below ? p.*across < side : p.*across > side; };
    if (outside(a) && outside(b)) return false;
    if (outside(a) || outside(b)) {
      // Reckoned from the nearer end, which keeps its precision.
      const bool from_a = std::abs(a.*across - side) < std::abs(b.*across - side);
      const Place &near = from_a ? a : b, &far = from_a ? b : a;
      const double part = (side - near.*across) / (far.*across - near.*across);
      const double there = near.*along + part * (far.*along - near.*along);
      Place& end = outside(a) ? a : b;
      end.*across = side;
      end.*along = there;
    }
    return true;
  };
  return cut(&Place::x, &Place::y, rect.x0, true) && cut(&Place::x, &Place::y, rect.x1, false) &&
         cut(&Place::y, &Place::x, rect.y0, true) && cut(&Place::y, &Place::x, rect.y1, false);
}

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
  if (path.empty()) return;
  const double half = std::max(line_width, 0.5) / 2;
  Coverage coverage(bounds(path, half, common(clip, whole())));
  const PixelRect& area = coverage.area();
  const int reach = static_cast<int>(half) + 2;
  const PixelRect near = {area.x0 - reach, area.y0 - reach, area.x1 + reach, area.y1 + reach};
  const std::size_t last = path.size() - 1;
  for (std::size_t i = 0; i < std::max<std::size_t>(last, 1); ++i) {
    Place a = path[i], b = path[std::min(i + 1, last)];
    if (clip_segment(a, b, near)) coverage.add_segment(a, b, half);
  }
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
