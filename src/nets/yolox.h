// YOLOX (Ge et al. 2021) as its weights tell it: their names and shapes are the description of the network, whether a
// checkpoint or yolox_weights() holds them.
#pragma once

#include <saker/result.h>

#include "nets/families.h"
#include "nets/initialise.h"

namespace saker::nets {

bool is_yolox(const WeightMap& weights);

// By full names ("backbone.backbone.stem.conv.conv.weight"). Errors: kUnsupported, kLimit.
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
