#include "augment/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace saker::augment {
namespace {

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

EdgeBox clipped(const EdgeBox& box, ImageSize size) {
  return {std::clamp<double>(box.x1, 0, size.width), std::clamp<double>(box.y1, 0, size.height),
          std::clamp<double>(box.x2, 0, size.width), std::clamp<double>(box.y2, 0, size.height), box.category};
}

}  // namespace

bool is_identity(const Augmentation& a) {
  return a.degrees == 0 && a.translate == 0 && a.scale == 0 && a.shear == 0 && a.perspective == 0;
}

Map draw_map(const Augmentation& a, ImageSize source, ImageSize result, PortableRandom& random) {
  const auto around = [&](double reach) { return random.between(-reach, reach); };
  const Matrix centre = {1, 0, -source.width / 2.0, 0, 1, -source.height / 2.0, 0, 0, 1};
  const double px = around(a.perspective), py = around(a.perspective);
  const Matrix perspective = {1, 0, 0, 0, 1, 0, px, py, 1};
  const double angle = radians(around(a.degrees));
  const double scale = random.between(1 - a.scale, 1 + a.scale);
  const double cosine = scale * std::cos(angle), sine = scale * std::sin(angle);
  const Matrix turn = {cosine, sine, 0, -sine, cosine, 0, 0, 0, 1};
  const double shear_x = std::tan(radians(around(a.shear))), shear_y = std::tan(radians(around(a.shear)));
  const Matrix shear = {1, shear_x, 0, shear_y, 1, 0, 0, 0, 1};
  const double x = (0.5 + around(a.translate)) * result.width, y = (0.5 + around(a.translate)) * result.height;
  const Matrix translation = {1, 0, x, 0, 1, y, 0, 0, 1};
  return {product(translation, product(shear, product(turn, product(perspective, centre)))), scale};
}

// Facts: YOLOX, data/data_augment.py, get_affine_matrix: the shear takes both rows as they were.
Map draw_yolox_map(const Augmentation& a, ImageSize result, PortableRandom& random) {
  const auto around = [&](double reach) { return random.between(-reach, reach); };
  const double angle = radians(around(a.degrees));
  const double scale = random.between(a.mosaic_scale[0], a.mosaic_scale[1]);
  const double cosine = scale * std::cos(angle), sine = scale * std::sin(angle);
  const double shear_x = std::tan(radians(around(a.shear))), shear_y = std::tan(radians(around(a.shear)));
  const double x = around(a.translate) * result.width, y = around(a.translate) * result.height;
  return {{cosine - shear_y * sine, sine + shear_y * cosine, x, -sine + shear_x * cosine, cosine + shear_x * sine, y, 0,
           0, 1},
          scale};
}

void map_boxes(const Matrix& m, ImageSize result, std::vector<EdgeBox>& boxes) {
  for (EdgeBox& box : boxes) {
    const double xs[] = {box.x1, box.x2, box.x2, box.x1}, ys[] = {box.y1, box.y1, box.y2, box.y2};
    EdgeBox hull = {1e30, 1e30, -1e30, -1e30, box.category};
    for (std::size_t i = 0; i < 4; ++i) {
      const double w = m[6] * xs[i] + m[7] * ys[i] + m[8];
      if (w <= 0) {  // reaches behind the eye
        hull = {0, 0, 0, 0, box.category};
        break;
      }
      const double x = (m[0] * xs[i] + m[1] * ys[i] + m[2]) / w, y = (m[3] * xs[i] + m[4] * ys[i] + m[5]) / w;
      hull = {std::min(hull.x1, x), std::min(hull.y1, y), std::max(hull.x2, x), std::max(hull.y2, y), box.category};
    }
    box = clipped(hull, result);
  }
}

void keep_plain(const std::vector<EdgeBox>& before, double scale, std::vector<EdgeBox>& boxes) {
  constexpr double kSide = 2, kAreaShare = 0.1, kAspect = 100, kTiny = 1e-16;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const EdgeBox &box = boxes[i], &old = before[i];
    const double w = box.x2 - box.x1, h = box.y2 - box.y1;
    const double old_area = (old.x2 - old.x1) * (old.y2 - old.y1) * scale * scale;
    const bool plain = w > kSide && h > kSide && w * h / (old_area + kTiny) > kAreaShare &&
                       std::max(w / (h + kTiny), h / (w + kTiny)) < kAspect;
    if (plain) boxes[kept++] = box;
  }
  boxes.resize(kept);
}

void keep_longer_than(double pixels, std::vector<EdgeBox>& boxes) {
  std::erase_if(boxes, [&](const EdgeBox& box) { return !(box.x2 - box.x1 > pixels && box.y2 - box.y1 > pixels); });
}

void clip(ImageSize size, std::vector<EdgeBox>& boxes) {
  for (EdgeBox& box : boxes) {
    box = clipped(box, size);
  }
  keep_longer_than(0, boxes);
}

void shift(double x, double y, std::vector<EdgeBox>& boxes) {
  for (EdgeBox& box : boxes) box = {box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y, box.category};
}

}  // namespace saker::augment
