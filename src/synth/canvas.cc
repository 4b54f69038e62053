#include "synth/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace saker::synth {
namespace {

struct Bounds {
  double x1 = 1e30, y1 = 1e30, x2 = -1e30, y2 = -1e30;

  void add(Point p, double reach = 0) {
    x1 = std::min(x1, p.x - reach);
    y1 = std::min(y1, p.y - reach);
    x2 = std::max(x2, p.x + reach);
    y2 = std::max(y2, p.y + reach);
  }
  bool has(Point p, double reach) const {
    return p.x >= x1 - reach && p.x <= x2 + reach && p.y >= y1 - reach && p.y <= y2 + reach;
  }
};

Bounds bounds(const Layer& layer) {
  Bounds result;
  for (const Point& p : layer.points) result.add(p, layer.radius + layer.outline);
  return result;
}

Bounds mapped_bounds(const Matrix3& matrix, const Bounds& b) {
  Bounds result;
  for (const Point corner : {Point{b.x1, b.y1}, Point{b.x2, b.y1}, Point{b.x1, b.y2}, Point{b.x2, b.y2}})
    result.add(mapped(matrix, corner));
  return result;
}

struct Painted {
  Color color;
  double cover = 0;
};

// A figure's layers as a pixel shows them, over the `color` that is there. `units`: of the figure a pixel is wide.
class Painter {
 public:
  Painter(const Figure& figure, const Surface& surface) : figure_(figure), surface_(surface) {
    for (const Layer& layer : figure.layers()) {
      bounds_.push_back(bounds(layer));
      whole_.add({bounds_.back().x1, bounds_.back().y1});
      whole_.add({bounds_.back().x2, bounds_.back().y2});
    }
  }
  const Bounds& whole() const { return whole_; }

  Painted at(Point p, double units, Color color) const {
    Color sum;
    double clear = 1;  // of what lies below
    for (std::size_t i = bounds_.size(); i > 0 && clear > 0; --i) {
      const Layer& layer = figure_.layers()[i - 1];
      if (!bounds_[i - 1].has(p, units)) continue;
      const double cover = std::clamp(0.5 - distance(layer, p) / units, 0.0, 1.0);
      if (cover <= 0) continue;
      add(sum, shaded(layer, p), clear * cover);
      clear *= 1 - cover;
    }
    add(sum, color, clear);
    return {sum, 1 - clear};
  }

 private:
  Color shaded(const Layer& layer, Point p) const {
    if (layer.lamp) return layer.color;
    const Color color = surface_.texture ? surface_.texture(layer.color, p) : layer.color;
    const double factor = std::max(0.0, 1 + surface_.gradient.x * p.x + surface_.gradient.y * p.y);
    return lit(times(color, surface_.light), factor);
  }

  const Figure& figure_;
  const Surface& surface_;
  std::vector<Bounds> bounds_;
  Bounds whole_;
};

}  // namespace

Point mapped(const Matrix3& m, Point p) {
  const double w = m[6] * p.x + m[7] * p.y + m[8];
  return {(m[0] * p.x + m[1] * p.y + m[2]) / w, (m[3] * p.x + m[4] * p.y + m[5]) / w};
}

Matrix3 to_pixels(const Pose& pose) {
  const Point roll = direction(pose.roll), yaw = direction(pose.yaw), pitch = direction(pose.pitch);
  const Matrix3 about_z = {roll.x, -roll.y, 0, roll.y, roll.x, 0, 0, 0, 1};
  const Matrix3 about_y = {yaw.x, 0, yaw.y, 0, 1, 0, -yaw.y, 0, yaw.x};
  const Matrix3 about_x = {1, 0, 0, 0, pitch.x, -pitch.y, 0, pitch.y, pitch.x};
  const Matrix3 turned = product(about_y, product(about_x, about_z));
  // A point (x, y, 0) of the figure, turned to (X, Y, Z), is seen at (X, Y) / (1 + depth * Z).
  const Matrix3 seen = {
      turned[0], turned[1], 0, turned[3], turned[4], 0, pose.depth * turned[6], pose.depth * turned[7], 1};
  return product({pose.size, 0, pose.middle.x, 0, pose.size, pose.middle.y, 0, 0, 1}, seen);
}

Canvas::Canvas(ImageSize size) : size_(size) {
  const std::size_t pixels = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  colors_.resize(pixels);
  owners_.assign(pixels, kNobody);
}

void Canvas::fill(const std::function<Color(Point)>& color) {
  for (int y = 0; y < height(); ++y) {
    for (int x = 0; x < width(); ++x) at(x, y) = color({x + 0.5, y + 0.5});
  }
  std::fill(owners_.begin(), owners_.end(), kNobody);
}

int Canvas::add_object(int category) {
  objects_.push_back({category});
  return static_cast<int>(objects_.size()) - 1;
}

void Canvas::paint(const Figure& figure, const Matrix3& matrix, const Surface& surface, int object) {
  if (figure.layers().empty()) return;
  const Painter painter(figure, surface);
  const Bounds area = mapped_bounds(matrix, painter.whole());
  const Matrix3 back = inverse(matrix);
  // The area that a pixel covers is |det| / w^3.
  const double scale = std::sqrt(std::abs(determinant(back)));
  // What hangs over the edges is counted, up to a picture's width beyond them.
  const auto from = [](double low, int extent) {
    return static_cast<int>(std::clamp(std::floor(low) - 1, -1.0 * extent, 2.0 * extent));
  };
  const auto to = [](double high, int extent) {
    return static_cast<int>(std::clamp(std::ceil(high) + 1, -1.0 * extent, 2.0 * extent));
  };
  for (int y = from(area.y1, height()); y < to(area.y2, height()); ++y) {
    for (int x = from(area.x1, width()); x < to(area.x2, width()); ++x) {
      const double w = back[6] * (x + 0.5) + back[7] * (y + 0.5) + back[8];
      const Point p = mapped(back, {x + 0.5, y + 0.5});
      const double units = scale / (w * std::sqrt(w));
      const bool inside = x >= 0 && y >= 0 && x < width() && y < height();
      if (!inside && object == kNobody) continue;
      const Painted painted = painter.at(p, units, inside ? at(x, y) : Color{});
      if (painted.cover <= 0) continue;
      if (inside) at(x, y) = painted.color;
      if (painted.cover < 0.5) continue;
      int* const owner = inside ? &owners_[index(x, y)] : nullptr;
      if (object != kNobody && (owner == nullptr || *owner != object))
        ++objects_[static_cast<std::size_t>(object)].pixels;
      if (owner != nullptr) *owner = object;
    }
  }
}

void Canvas::glow(Point middle, double radius, Color color) {
  const int top = std::max(0, static_cast<int>(middle.y - radius)),
            left = std::max(0, static_cast<int>(middle.x - radius));
  for (int y = top; y < height() && y < middle.y + radius; ++y) {
    for (int x = left; x < width() && x < middle.x + radius; ++x) {
      const double dx = (x + 0.5 - middle.x) / radius, dy = (y + 0.5 - middle.y) / radius;
      const double rest = 1 - dx * dx - dy * dy;
      if (rest <= 0) continue;
      add(at(x, y), color, rest * rest * rest);
    }
  }
}

std::vector<TrueBox> Canvas::boxes(double share, double smallest) const {
  struct Seen {
    std::int64_t pixels = 0;
    Bounds bounds;
  };
  std::vector<Seen> seen(objects_.size());
  for (int y = 0; y < height(); ++y) {
    for (int x = 0; x < width(); ++x) {
      const int owner = owners_[index(x, y)];
      if (owner == kNobody) continue;
      Seen& object = seen[static_cast<std::size_t>(owner)];
      ++object.pixels;
      object.bounds.add({x + 0.5, y + 0.5}, 0.5);
    }
  }
  std::vector<TrueBox> boxes;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Bounds& b = seen[i].bounds;
    if (static_cast<double>(seen[i].pixels) < share * static_cast<double>(objects_[i].pixels)) continue;
    if (seen[i].pixels == 0 || b.x2 - b.x1 < smallest || b.y2 - b.y1 < smallest) continue;
    boxes.push_back({objects_[i].category, b.x1, b.y1, b.x2, b.y2});
  }
  return boxes;
}

}  // namespace saker::synth
