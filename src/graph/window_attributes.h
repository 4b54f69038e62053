// Sliding windows: what convolutions and pools are told of theirs.
#pragma once

#include <cstdint>
#include <vector>

namespace saker {

enum class AutoPad : std::uint8_t { kExplicit, kSameUpper, kSameLower, kValid };

// Spatial windows: lists have one entry per spatial axis; pads has begins, then ends.
struct WindowAttrs {
  std::vector<std::int64_t> kernel, strides, dilations, pads;
  AutoPad auto_pad = AutoPad::kExplicit;
  bool operator==(const WindowAttrs&) const = default;
};

}  // namespace saker
