// The heads.
#include <algorithm>

#include "nets/classes/classes.h"

namespace saker::nets {
namespace {

constexpr std::int64_t kFewScores = 100, kFewBoxes = 16;  // limits of the branches' widths

Module last(const Style& style, std::int64_t in, std::int64_t out) {
  return make_convolution(style, {.in = in, .out = out}, true);
}

Module three(const Style& style, Module first, Module second, Module third) {
  return make_list(style, "Sequential", {std::move(first), std::move(second), std::move(third)});
}

// Two convolutions of 3x3 and the last one.
Module plain_branch(const Style& style, std::int64_t in, std::int64_t hidden, std::int64_t out) {
  return three(style, make_conv(style, {.in = in, .out = hidden, .kernel = 3}),
               make_conv(style, {.in = hidden, .out = hidden, .kernel = 3}), last(style, hidden, out));
}

// The same with each 3x3 of every channel apart. YOLOv10 calls it Conv, the later ones DWConv.
Module light_branch(const Style& style, std::string_view type, std::int64_t in, std::int64_t hidden, std::int64_t out) {
  const auto pair = [&](std::int64_t from) {
    return make_list(style, "Sequential",
                     {make_conv(style, {.in = from, .out = from, .kernel = 3, .groups = from}, true, type),
                      make_conv(style, {.in = from, .out = hidden})});
  };
  return three(style, pair(in), pair(hidden), last(style, hidden, out));
}

Module anchor_head(const Style& style, std::span<const Source> levels, const HeadPlan& plan) {
  const std::int64_t numbers = plan.classes + 5;
  Module head = make_module(style, "Detect");
  head.attributes = {{"nc", plan.classes},
                     {"no", numbers},
                     {"nl", static_cast<std::int64_t>(levels.size())},
                     {"na", plan.anchors},
                     {"inplace", true}};
  std::vector<Module> maps;
  for (const Source& level : levels) maps.push_back(last(style, level.channels, plan.anchors * numbers));
  add_part(head, "m", make_list(style, "ModuleList", std::move(maps)));
  return head;
}

// The distribution's lengths, 0, 1, ...: initialise() knows them by the class.
Module lengths(const Style& style, std::int64_t reg_max) {
  if (reg_max == 1) return make_module(style, "Identity");
  Module module = make_module(style, "DFL");
  module.attributes["c1"] = reg_max;
  add_part(module, "conv", make_convolution(style, {.in = reg_max, .out = 1}, false));
  return module;
}

}  // namespace

Module make_detect(const Style& style, std::string_view type, std::span<const Source> levels, const HeadPlan& plan) {
  if (!style.ultralytics) return anchor_head(style, levels, plan);
  const bool version10 = type == "v10Detect";
  const std::int64_t first = levels.front().channels, sides = 4 * plan.reg_max;
  const std::int64_t boxes = std::max({kFewBoxes, first / 4, sides});
  const std::int64_t scores = std::max(first, std::min(plan.classes, kFewScores));
  Module head = make_module(style, type);
  head.attributes = {{"nc", plan.classes},
                     {"nl", static_cast<std::int64_t>(levels.size())},
                     {"reg_max", plan.reg_max},
                     {"no", plan.classes + sides},
                     {"inplace", true}};
  std::vector<Module> box_maps, score_maps;
  for (const Source& level : levels) {
    box_maps.push_back(plain_branch(style, level.channels, boxes, sides));
    score_maps.push_back(plan.light || version10
                             ? light_branch(style, version10 ? "Conv" : "DWConv", level.channels, scores, plan.classes)
                             : plain_branch(style, level.channels, scores, plan.classes));
  }
  const Module box_list = make_list(style, "ModuleList", std::move(box_maps)),
               score_list = make_list(style, "ModuleList", std::move(score_maps));
  add_part(head, "cv2", box_list);
  add_part(head, "cv3", score_list);
  add_part(head, "dfl", lengths(style, plan.reg_max));
  if (plan.end_to_end || version10) {
    add_part(head, "one2one_cv2", box_list);
    add_part(head, "one2one_cv3", score_list);
  }
  return head;
}

}  // namespace saker::nets
