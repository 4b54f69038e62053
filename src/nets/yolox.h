// YOLOX (Ge et al. 2021) as its weights tell it: their names and shapes are the description of the network, whether a
// checkpoint or yolox_weights() holds them.
#pragma once

#include <saker/result.h>

#include <array>
#include <string_view>

#include "nets/families.h"
#include "nets/initialise.h"

namespace saker::nets {

struct YoloxSize {
  std::string_view name;
  double depth, width;
  bool depthwise;
};
// The families' exp files.
constexpr std::array<YoloxSize, 6> kYoloxSizes = {{{"yolox-nano", 0.33, 0.25, true},
                                                   {"yolox-tiny", 0.33, 0.375, false},
                                                   {"yolox-s", 0.33, 0.5, false},
                                                   {"yolox-m", 0.67, 0.75, false},
                                                   {"yolox-l", 1, 1, false},
                                                   {"yolox-x", 1.33, 1.25, false}}};
constexpr std::int64_t kYoloxStem = 64;  // filters at a width of 1

bool is_yolox(const WeightMap& weights);

// By full names ("backbone.backbone.stem.conv.conv.weight"); the size is that of the width. Errors: kUnsupported,
// kLimit.
Result<Network> yolox_from_weights(const WeightMap& weights);

struct YoloxPlan {
  double depth = 0.33, width = 0.5;
  bool depthwise = false;
  std::int64_t classes = 80;
  std::uint64_t seed = 0;
};
// Those that a new network begins with.
Result<WeightMap> yolox_weights(const YoloxPlan& plan);

}  // namespace saker::nets
