// What the heads' last convolutions give, before anything makes probabilities and boxes of it.
#include <fmt/format.h>

#include <array>

#include "nets/flow.h"
#include "nets/heads.h"

namespace saker::nets {
namespace {

constexpr std::array<const char*, 6> kYoloxParts = {"stems",     "cls_convs", "reg_convs",
                                                    "cls_preds", "reg_preds", "obj_preds"};

constexpr const char* kAnchorPart = "m";  // missing in YOLOv5 1.0, whose last convolutions are layers of their own

// Parts that have a child for each level.
std::vector<std::string> parts_of(const Module& head, const std::string& which) {
  switch (head_family(head)) {
    case HeadFamily::kDistances:
      return {which + "cv2", which + "cv3"};
    case HeadFamily::kAnchors:
      return {kAnchorPart};
    case HeadFamily::kYolox:
      return {kYoloxParts.begin(), kYoloxParts.end()};
    case HeadFamily::kNone:
      break;
  }
  return {};
}

}  // namespace

bool has_levels(Builder& b, const Module& head, std::size_t levels, const std::string& which) {
  const std::vector<std::string> parts = parts_of(head, which);
  if (parts.empty()) b.fail(head, "saker does not know this head");
  for (const std::string& part : parts) {
    const Module* of_levels = head.child(part);
    if (of_levels != nullptr && of_levels->children.size() == levels) continue;
    if (of_levels == nullptr && part == kAnchorPart) continue;
    b.fail(head, fmt::format("its part '{}' does not fit its {} inputs", part, levels));
    return false;
  }
  return !parts.empty();
}

std::vector<Var> level_maps(Builder& b, const Module& head, std::size_t level, Var x, const std::string& which) {
  const auto part = [&](std::string_view name, Var of) { return run(b, head.child(name)->children[level], of); };
  switch (head_family(head)) {
    case HeadFamily::kDistances: {
      const Var boxes = part(which + "cv2", x);
      return {boxes, part(which + "cv3", x)};
    }
    case HeadFamily::kAnchors:
      return {head.child(kAnchorPart) == nullptr ? x : part(kAnchorPart, x)};
    case HeadFamily::kYolox: {
      const Var stem = part("stems", x);
      const Var of_classes = part("cls_convs", stem), of_boxes = part("reg_convs", stem);
      const Var boxes = part("reg_preds", of_boxes), objectness = part("obj_preds", of_boxes);
      return {boxes, objectness, part("cls_preds", of_classes)};
    }
    case HeadFamily::kNone:
      break;
  }
  return {};
}

std::vector<Var> head_maps(Builder& b, const Module& head, std::span<const Var> levels) {
  if (!has_levels(b, head, levels.size(), "")) return {};
  std::vector<Var> maps;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (const Var map : level_maps(b, head, i, levels[i], "")) maps.push_back(map);
  }
  return maps;
}

}  // namespace saker::nets
