// What DynamicQuantizeLinear chooses for numbers from low to high.
// https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
#pragma once

#include <algorithm>
#include <cmath>

namespace saker {

struct DynamicRange {
  float scale = 1, zero_point = 0;

  // low <= 0 <= high
  static DynamicRange of(float low, float high) {
    const float scale = (high - low) / 255;
    if (!(scale > 0) || !std::isfinite(scale)) return {};  // all zero, or of no meaning
    return {scale, std::nearbyint(std::clamp(-low / scale, 0.0F, 255.0F))};
  }
};

}  // namespace saker
