// Where the labels of boxes go, and how their text is made to fit.
#include "media/label_layout.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "media/text.h"

namespace saker {
namespace {

constexpr float kSmallestText = 10;     // pixels; smaller is hard to read
constexpr float kMostShrinking = 0.7F;  // letters are dropped rather than shrunk below this
constexpr char32_t kEllipsis = 0x2026;

std::int64_t common_area(const PixelRect& a, const PixelRect& b) {
  const std::int64_t width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const std::int64_t height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  return width > 0 && height > 0 ? width * height : 0;
}

}  // namespace

FittedText fit_text(std::u32string text, float size, int max_width) {
  const auto room = static_cast<float>(max_width);
  const float width = text_width(text, size);
  if (width <= room) return {std::move(text), size};

  const float smallest = std::min(size, std::max(kSmallestText, size * kMostShrinking));
  float shrunk = std::max(size * room / width * 0.999F, smallest);  // below room in spite of rounding
  if (text_width(text, shrunk) <= room) return {std::move(text), shrunk};
  shrunk = smallest;
  while (!text.empty()) {
    text.back() = kEllipsis;
    if (text_width(text, shrunk) <= room) break;
    text.pop_back();
  }
  return {std::move(text), shrunk};
}

PixelRect place_label(const PixelRect& box, int width, int height, const PixelRect& picture,
                      std::span<const PixelRect> taken) {
  const std::array<int, 4> tops = {box.y0 - height, box.y0, box.y1, box.y1 - height};
  const std::array<int, 2> lefts = {box.x0, box.x1 - width};
  PixelRect best;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const int top : tops) {
    if (top < picture.y0 || top + height > picture.y1) continue;
    for (const int left : lefts) {
      const int x = std::clamp(left, picture.x0, picture.x1 - width);
      const PixelRect place = {x, top, x + width, top + height};
      std::int64_t covered = 0;
      for (const PixelRect& other : taken) covered += common_area(place, other);
      if (covered == 0) return place;
      if (covered < least) {
        least = covered;
        best = place;
      }
    }
  }
  if (best.width() > 0) return best;
  const int x = std::clamp(box.x0, picture.x0, picture.x1 - width);
  const int y = std::clamp(box.y0, picture.y0, picture.y1 - height);
  return {x, y, x + width, y + height};
}

}  // namespace saker
