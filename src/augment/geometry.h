// Random affine and perspective maps, and what they make of boxes.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <vector>

#include "augment/batch_loader.h"
#include "base/matrix3.h"
#include "base/random.h"

namespace saker::augment {

// A true box by its edges, in pixels.
struct EdgeBox {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  std::int32_t category = 0;
};

using Matrix = Matrix3;

struct Map {
  Matrix matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1};  // pixels of the source to pixels of the result
  double scale = 1;
};

bool is_identity(const Augmentation& augmentation);  // its map leaves everything in place

// T * S * R * P * C: the source's middle becomes the origin, perspective, turn and scale, shear, and the origin goes
// near the result's middle.
Map draw_map(const Augmentation& augmentation, ImageSize source, ImageSize result, PortableRandom& random);
// YOLOX's: turn and scale about the source's corner.
Map draw_yolox_map(const Augmentation& augmentation, ImageSize result, PortableRandom& random);

// Each becomes the hull of its four mapped corners, clipped to the result.
void map_boxes(const Matrix& matrix, ImageSize result, std::vector<EdgeBox>& boxes);

// YOLOv5's and Ultralytics' rule after a map: sides over 2 pixels, an area over a tenth of what it was (`before`, each
// times scale squared), sides no more than 100 times as long as each other.
void keep_plain(const std::vector<EdgeBox>& before, double scale, std::vector<EdgeBox>& boxes);
void keep_longer_than(double pixels, std::vector<EdgeBox>& boxes);  // both sides
void clip(ImageSize size, std::vector<EdgeBox>& boxes);             // those without an inside go
void shift(double x, double y, std::vector<EdgeBox>& boxes);

}  // namespace saker::augment
