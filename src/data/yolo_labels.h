// YOLO label files: a line a box, "class cx cy w h", parts of the picture's width and height.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/bad_entries.h"

namespace saker {

struct LabelBox {
  std::int32_t category = 0;
  double cx = 0, cy = 0, w = 0, h = 0;
};

// What data.yaml's kpt_shape says: behind each box so many points of x, y and, with three dims, visibility.
struct KeypointShape {
  int points = 0, dims = 0;  // 0: there are none
};

// Without keypoints, lines of more than five columns are polygons (class x1 y1 x2 y2 ...) and give the box around the
// points. What a line says again word for word is left out, as Ultralytics does. `file` is for messages. classes 0: up
// to kMaxClasses.
Result<std::vector<LabelBox>> parse_yolo_labels(std::string_view text, const std::string& file, std::size_t classes,
                                                KeypointShape keypoints, BadEntries& bad);

}  // namespace saker
