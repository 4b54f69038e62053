#include "quantize/patch.h"

#include <vector>

namespace saker {
namespace {

std::int64_t entry(const std::vector<std::int64_t>& list, std::size_t i, std::int64_t fallback) {
  return i < list.size() ? list[i] : fallback;
}

}  // namespace

PatchReader::PatchReader(const ConvAttrs& conv, const Shape& weights)
    : channels_(weights[1]),
      kernel_h_(weights[2]),
      kernel_w_(weights[3]),
      stride_h_(entry(conv.window.strides, 0, 1)),
      stride_w_(entry(conv.window.strides, 1, 1)),
      dilation_h_(entry(conv.window.dilations, 0, 1)),
      dilation_w_(entry(conv.window.dilations, 1, 1)),
      pad_top_(entry(conv.window.pads, 0, 0)),
      pad_left_(entry(conv.window.pads, 1, 0)) {}

void PatchReader::read(const TensorView& picture, std::int64_t row, std::int64_t column, float* to,
                       std::int64_t channel_step, std::int64_t tap_step) const {
  const std::int64_t height = picture.shape[2], width = picture.shape[3];
  const std::int64_t top = row * stride_h_ - pad_top_, left = column * stride_w_ - pad_left_;
  const auto* data = static_cast<const float*>(picture.data);
  for (std::int64_t tap = 0; tap < taps(); ++tap) {
    const std::int64_t y = top + tap / kernel_w_ * dilation_h_, x = left + tap % kernel_w_ * dilation_w_;
    const bool inside = y >= 0 && y < height && x >= 0 && x < width;
    const float* from = inside ? data + y * picture.strides[2] + x * picture.strides[3] : nullptr;
    float* own = to + tap * tap_step;
    for (std::int64_t c = 0; c < channels_; ++c) own[c * channel_step] = inside ? from[c * picture.strides[1]] : 0.0F;
  }
}

}  // namespace saker
