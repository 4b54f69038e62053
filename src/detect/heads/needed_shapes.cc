// What shapes the heads need, for people.
#include <fmt/format.h>

#include "detect/heads/evidence.h"
#include "detect/heads/levels.h"

namespace saker {

std::string needed_shapes(const HeadEvidence& evidence, HeadKind kind) {
  const Levels levels = {evidence.height, evidence.width};
  const std::int64_t cells = levels.cells(known_strides()[0]);
  const auto rows = [&](int stride) { return levels.rows(stride); };
  const auto columns = [&](int stride) { return levels.columns(stride); };
  switch (kind) {
    case HeadKind::kYolov5:
      return fmt::format("[N, {}, 5+classes]", 3 * cells);
    case HeadKind::kYolov5Raw:
      return fmt::format(
          "[N, 3, {}, {}, 5+classes], [N, 3, {}, {}, 5+classes], [N, 3, {}, {}, 5+classes], or each as "
          "[N, 3*(5+classes), H, W] or [N, H, W, 3*(5+classes)]",
          rows(8), columns(8), rows(16), columns(16), rows(32), columns(32));
    case HeadKind::kYolov8:
      return fmt::format("[N, 4+classes, {0}] or [N, {0}, 4+classes]", cells);
    case HeadKind::kYolov8Raw:
      return fmt::format(
          "[N, 64+classes, {}, {}], [N, 64+classes, {}, {}], [N, 64+classes, {}, {}], or 64 (or 4) and classes "
          "apart, or channels last, or [N, {}, 64] and [N, {}, classes]",
          rows(8), columns(8), rows(16), columns(16), rows(32), columns(32), cells, cells);
    case HeadKind::kYolox:
      return fmt::format("[N, {}, 5+classes], boxes not decoded", cells);
    case HeadKind::kYoloxDecoded:
      return fmt::format("[N, {}, 5+classes], boxes decoded", cells);
    case HeadKind::kYolov6:
      return fmt::format("[N, {}, 5+classes], boxes decoded, objectness always 1", cells);
    case HeadKind::kRows:
      return fmt::format("[N, {0}, 6], corners, score and class, not suppressed, or [N, {0}, 4], [N, {0}] and [N, {0}]",
                         cells);
    case HeadKind::kNanodet:
      return fmt::format("[N, C, classes] and [N, C, 4*bins] for each C of {}, {}, {}", levels.cells(8),
                         levels.cells(16), levels.cells(32));
    case HeadKind::kNanodetPlus:
      return fmt::format("[N, {}, classes+32]", levels.cells(known_strides()[1]));
    case HeadKind::kBoxesScores:
      return fmt::format("[N, {0}, 4] and [N, {0}, classes]", cells);
    case HeadKind::kDetr:
      return "[N, queries, 4+classes], or [N, queries, 4] and [N, queries, classes]";
    case HeadKind::kNmsOutputs:
      return "[N, boxes, 4], [N, boxes], [N, boxes] and perhaps [N, 1], or [N, boxes, 5] and [N, boxes]";
    case HeadKind::kEndToEnd:
      return "[N, boxes, 6]";
    case HeadKind::kNmsRows:
      return "[boxes, 7]";
    case HeadKind::kAuto:
      break;
  }
  return "";
}

}  // namespace saker
