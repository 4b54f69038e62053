// A small rasteriser: how much of a pixel a line covers is told by the distance of the pixel's middle to it.
#include "media/stroke.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace saker {
namespace {

double distance_to_segment(Place p, Place a, Place b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const double along = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return std::sqrt(x * x + y * y);
}

// Of the segment, at the height y or at the end nearest to it.
double x_at(Place a, Place b, double y) {
  if (y <= a.y) return a.x;
  if (y >= b.y) return b.x;
  return a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
}

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

Coverage::Coverage(const PixelRect& area)
    : area_(area),
      values_(static_cast<std::size_t>(std::max(area.width(), 0)) *
              static_cast<std::size_t>(std::max(area.height(), 0))) {}

void Coverage::add_segment(Place a, Place b, double half_width) {
  if (a.y > b.y) std::swap(a, b);
  const double reach = half_width + 1;
  const int last = std::min(area_.y1 - 1, static_cast<int>(std::floor(b.y + reach)));
  for (int y = std::max(area_.y0, static_cast<int>(std::floor(a.y - reach))); y <= last; ++y) {
    // Of the segment only the part near this row can touch its pixels.
    const double from = x_at(a, b, y - reach), to = x_at(a, b, y + 1 + reach);
    const int right = std::min(area_.x1 - 1, static_cast<int>(std::floor(std::max(from, to) + reach)));
    for (int x = std::max(area_.x0, static_cast<int>(std::floor(std::min(from, to) - reach))); x <= right; ++x) {
      const double covered = half_width + 0.5 - distance_to_segment({x + 0.5, y + 0.5}, a, b);
      float& value = values_[index(x, y)];
      value = std::max(value, static_cast<float>(std::clamp(covered, 0.0, 1.0)));
    }
  }
}

Coverage stroke_coverage(std::span<const Place> path, double line_width, const PixelRect& clip) {
  if (path.empty()) return Coverage({});
  const double half = std::max(line_width, 0.5) / 2;
  Coverage coverage(bounds(path, half, clip));
  const PixelRect& area = coverage.area();
  const int reach = static_cast<int>(half) + 2;
  const PixelRect near = {area.x0 - reach, area.y0 - reach, area.x1 + reach, area.y1 + reach};
  const std::size_t last = path.size() - 1;
  for (std::size_t i = 0; i < std::max<std::size_t>(last, 1); ++i) {
    Place a = path[i], b = path[std::min(i + 1, last)];
    if (clip_segment(a, b, near)) coverage.add_segment(a, b, half);
  }
  return coverage;
}

std::vector<Patch> patches_of(const Coverage& coverage) {
  std::vector<Patch> patches;
  const PixelRect& area = coverage.area();
  const auto alpha = [&](int x, int y) {
    const bool inside = x >= area.x0 && x < area.x1 && y >= area.y0 && y < area.y1;
    return static_cast<std::uint8_t>(inside ? std::lround(255 * coverage.at(x, y)) : 0);
  };
  for (int y = area.y0 / 2 * 2; y < area.y1; y += 2) {
    for (int x = area.x0 / 2 * 2; x < area.x1; x += 2) {
      int end = x;  // of the blocks that are covered
      while (end < area.x1 && (alpha(end, y) | alpha(end + 1, y) | alpha(end, y + 1) | alpha(end + 1, y + 1)) != 0)
        end += 2;
      if (end == x) continue;
      Patch patch{{x, y, end, y + 2}, {}};
      for (int row = y; row < y + 2; ++row) {
        for (int column = x; column < end; ++column) patch.alpha.push_back(alpha(column, row));
      }
      patches.push_back(std::move(patch));
      x = end;
    }
  }
  return patches;
}

}  // namespace saker
