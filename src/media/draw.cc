// Drawing detections on pictures, and cutting them out.
#include "media/draw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "media/formats.h"
#include "media/label_layout.h"
#include "media/palette.h"
#include "media/text.h"

namespace saker {
namespace {

constexpr std::size_t kMaxLabelLength = 120;  // code points
constexpr float kSmallestLabel = 5;           // pixels of text height; without room for it there is no label

struct Style {
  int line = 1;
  LabelStyle label;
};

struct Label {
  FittedText text;
  PixelRect place;
  Rgb8 color;
};

Style style_for(int width, int height) {
  const float side = (static_cast<float>(width) + static_cast<float>(height)) / 2;
  Style style;
  style.line = std::max(side < 200 ? 1 : 2, static_cast<int>(std::lround(side * 0.003F)));
  style.label.text_size = std::max(11.0F, std::round(side * 0.022F));
  style.label.pad_x = std::max(1, static_cast<int>(style.label.text_size * 0.22F));
  style.label.pad_y = static_cast<int>(style.label.text_size * 0.06F);
  return style;
}

PixelRect grown(const PixelRect& rect, int by) {
  return {rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by};
}

// A side from..to as one piece, or as dashes of four times its thickness with gaps of three.
std::vector<std::pair<int, int>> dashes(int from, int to, int thickness, bool dashed) {
  if (!dashed || to - from < 12 * thickness) return {{from, to}};
  std::vector<std::pair<int, int>> pieces;
  for (int at = from; at < to; at += 7 * thickness) pieces.emplace_back(at, std::min(at + 4 * thickness, to));
  return pieces;
}

// The parts of a frame of the given thickness just inside `outer`.
std::vector<PixelRect> frame_pieces(const PixelRect& outer, int thickness, bool dashed) {
  const int across = std::min(thickness, outer.width());
  const int down = std::min(thickness, outer.height());
  std::vector<PixelRect> pieces;
  for (const auto& [from, to] : dashes(outer.x0, outer.x1, thickness, dashed)) {
    pieces.push_back({from, outer.y0, to, outer.y0 + down});
    pieces.push_back({from, outer.y1 - down, to, outer.y1});
  }
  for (const auto& [from, to] : dashes(outer.y0, outer.y1, thickness, dashed)) {
    pieces.push_back({outer.x0, from, outer.x0 + across, to});
    pieces.push_back({outer.x1 - across, from, outer.x1, to});
  }
  return pieces;
}

int to_pixel(float value, int most) {
  return static_cast<int>(std::lround(std::clamp(value, 0.0F, static_cast<float>(most))));
}

// The outer edge of the frame, inside the picture; nothing when no part of the box is.
std::optional<PixelRect> outer_edge(const DrawnBox& box, const Surface& surface, int line) {
  const bool finite = std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2);
  if (!finite || box.x1 > box.x2 || box.y1 > box.y2) return std::nullopt;
  const auto width = static_cast<float>(surface.width());
  const auto height = static_cast<float>(surface.height());
  if (box.x2 < 0 || box.y2 < 0 || box.x1 >= width || box.y1 >= height) return std::nullopt;
  const float half = static_cast<float>(line) / 2;
  PixelRect edge = {to_pixel(box.x1 - half, surface.width()), to_pixel(box.y1 - half, surface.height()),
                    to_pixel(box.x2 + half, surface.width()), to_pixel(box.y2 + half, surface.height())};
  edge.x0 = std::min(edge.x0, surface.width() - 1);
  edge.y0 = std::min(edge.y0, surface.height() - 1);
  edge.x1 = std::max(edge.x1, edge.x0 + 1);
  edge.y1 = std::max(edge.y1, edge.y0 + 1);
  return edge;
}

Rgb8 darker(Rgb8 color) {
  const auto half = [](std::uint8_t v) { return static_cast<std::uint8_t>(v * 2 / 5); };
  return {half(color.r), half(color.g), half(color.b)};
}

// Text that fits beside other things in the picture; empty: there is no room for any.
FittedText fitted(const std::string& utf8, const Surface& surface, const LabelStyle& style) {
  std::u32string text = decode_label(utf8, kMaxLabelLength);
  const float size = std::min(style.text_size, static_cast<float>(surface.height() - 2 * style.pad_y));
  if (text.empty() || size < kSmallestLabel) return {};
  return fit_text(std::move(text), size, surface.width() - 2 * style.pad_x);
}

ImageSize size_of(const FittedText& text, const Surface& surface, const LabelStyle& style) {
  const int width = static_cast<int>(std::ceil(text_width(text.text, text.size))) + 2 * style.pad_x;
  const int height = static_cast<int>(std::ceil(text.size)) + 2 * style.pad_y;
  return {std::min(width, surface.width()), std::min(height, surface.height())};
}

std::optional<Label> make_label(const std::string& text, int color_index, const PixelRect& edge, const Surface& surface,
                                const LabelStyle& style, std::span<const PixelRect> taken) {
  Label label;
  label.text = fitted(text, surface, style);
  if (label.text.text.empty()) return std::nullopt;
  const ImageSize size = size_of(label.text, surface, style);
  label.place = place_label(edge, size.width, size.height, {0, 0, surface.width(), surface.height()}, taken);
  label.color = class_color(color_index);
  return label;
}

void draw_text_in(Surface& surface, const FittedText& text, const PixelRect& place, const LabelStyle& style,
                  Rgb8 color) {
  const float baseline = static_cast<float>(place.y0 + style.pad_y) + text_ascent(text.size);
  draw_text(surface, text.text, text.size, static_cast<float>(place.x0 + style.pad_x), baseline, color);
}

void draw_label(Surface& surface, const Label& label, const Style& style) {
  // A thin dark rim parts labels that touch.
  if (style.line >= 2) {
    surface.fill(label.place, darker(label.color));
    surface.fill(grown(label.place, -std::max(1, style.line / 3)), label.color);
  } else {
    surface.fill(label.place, label.color);
  }
  draw_text_in(surface, label.text, label.place, style.label, text_color_on(label.color));
}

}  // namespace

void draw_boxes(Image& image, std::span<const DrawnBox> boxes) {
  RgbSurface surface(image);
  draw_boxes(surface, boxes);
}

void draw_boxes(Surface& surface, std::span<const DrawnBox> boxes) {
  if (surface.width() <= 0) return;
  const Style style = style_for(surface.width(), surface.height());
  std::vector<std::optional<PixelRect>> edges;
  for (const DrawnBox& box : boxes) edges.push_back(outer_edge(box, surface, style.line));

  const int rim = std::max(1, style.line / 3);
  for (std::size_t i = boxes.size(); i-- > 0;) {
    if (!edges[i]) continue;
    const Rgb8 color = class_color(boxes[i].color_index);
    const std::vector<PixelRect> pieces = frame_pieces(*edges[i], style.line, boxes[i].dashed);
    if (style.line >= 2) {
      for (const PixelRect& piece : pieces) surface.fill(grown(piece, rim), darker(color));
    }
    for (const PixelRect& piece : pieces) surface.fill(piece, color);
  }

  std::vector<PixelRect> taken;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!edges[i]) continue;
    auto label = make_label(boxes[i].text, boxes[i].color_index, *edges[i], surface, style.label, taken);
    if (!label) continue;
    taken.push_back(label->place);
    labels.push_back(std::move(*label));
  }
  for (std::size_t i = labels.size(); i-- > 0;) draw_label(surface, labels[i], style);
}

void draw_note(Surface& surface, std::span<const std::string> lines) {
  constexpr std::uint8_t kDark = 150;  // of 255: white text stands out on any picture, which still shines through
  if (surface.width() <= 0) return;
  const LabelStyle style = style_for(surface.width(), surface.height()).label;
  std::vector<std::pair<FittedText, PixelRect>> placed;
  PixelRect ground;
  for (const std::string& line : lines) {
    FittedText text = fitted(line, surface, style);
    const ImageSize size = size_of(text, surface, style);
    if (text.text.empty() || ground.y1 + size.height > surface.height()) break;
    placed.emplace_back(std::move(text), PixelRect{0, ground.y1, size.width, ground.y1 + size.height});
    ground = {0, 0, std::max(ground.x1, size.width), ground.y1 + size.height};
  }
  const auto pixels = static_cast<std::size_t>(ground.width()) * static_cast<std::size_t>(ground.height());
  surface.blend(ground, std::vector<std::uint8_t>(pixels, kDark).data(), {0, 0, 0});
  for (const auto& [text, place] : placed) draw_text_in(surface, text, place, style, {255, 255, 255});
}

Outline::Outline(std::vector<Place> corners, bool closed, int color_index, ImageSize picture)
    : corners_(std::move(corners)), color_index_(color_index) {
  if (corners_.empty()) return;
  std::vector<Place> path = corners_;
  if (closed) path.push_back(path.front());
  const int line = style_for(picture.width, picture.height).line;
  const PixelRect all = {0, 0, picture.width, picture.height};
  rim_ = patches_of(stroke_coverage(path, line + 2 * std::max(1, line / 3), all));
  inside_ = patches_of(stroke_coverage(path, line, all));
}

void Outline::draw(Surface& surface, const std::string& text) const {
  if (corners_.empty() || surface.width() <= 0) return;
  const auto draw_patches = [&](const std::vector<Patch>& patches, Rgb8 color) {
    for (const Patch& patch : patches) surface.blend(patch.place, patch.alpha.data(), color);
  };
  const Rgb8 color = class_color(color_index_);
  draw_patches(rim_, darker(color));
  draw_patches(inside_, color);
  const Style style = style_for(surface.width(), surface.height());
  const auto first = [](double at, int size) { return to_pixel(static_cast<float>(at), size - 1); };
  const int x = first(corners_[0].x, surface.width()), y = first(corners_[0].y, surface.height());
  const auto label = make_label(text, color_index_, {x, y, x + 1, y + 1}, surface, style.label, {});
  if (label) draw_label(surface, *label, style);
}

Image crop(const ImageView& image, float x1, float y1, float x2, float y2) {
  if (image.data == nullptr || image.width <= 0 || image.height <= 0) return {};
  // The first and one past the last pixel; a coordinate that is no number counts as 0.
  const auto range = [](float from, float to, int size) {
    const float most = static_cast<float>(size);
    const float low = std::isnan(from) ? 0.0F : std::clamp(std::floor(from), 0.0F, most);
    const float high = std::isnan(to) ? 0.0F : std::clamp(std::ceil(to), 0.0F, most);
    const int first = std::min(static_cast<int>(low), size - 1);
    return std::pair(first, std::clamp(static_cast<int>(high), first + 1, size));
  };
  const auto [left, right] = range(x1, x2, image.width);
  const auto [top, bottom] = range(y1, y2, image.height);
  Image part = blank_image(right - left, bottom - top);
  const std::size_t row_bytes = static_cast<std::size_t>(part.width) * 3;
  for (int y = 0; y < part.height; ++y) {
    const std::uint8_t* from = image.data + (top + y) * image.stride_bytes + std::ptrdiff_t{3} * left;
    std::uint8_t* row = part.pixels.data() + static_cast<std::size_t>(y) * row_bytes;
    std::memcpy(row, from, row_bytes);
    if (image.format != PixelFormat::kBgr) continue;
    for (std::size_t i = 0; i < row_bytes; i += 3) std::swap(row[i], row[i + 2]);
  }
  return part;
}

}  // namespace saker
