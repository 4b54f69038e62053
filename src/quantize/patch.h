// What a filter of a convolution sees at one position of a picture.
#pragma once

#include <saker/tensor.h>

#include <cstdint>

#include "graph/ops.h"

namespace saker {

class PatchReader {
 public:
  PatchReader(const ConvAttrs& conv, const Shape& weights);  // group 1, [M, C, h, w], explicit pads

  std::int64_t channels() const { return channels_; }
  std::int64_t taps() const { return kernel_h_ * kernel_w_; }
  std::int64_t size() const { return channels() * taps(); }
  std::int64_t stride_h() const { return stride_h_; }
  std::int64_t stride_w() const { return stride_w_; }

  // Input channel c at tap t goes to to[c * channel_step + t * tap_step], 0 outside the picture [1, C, H, W]. `row` and
  // `column`: of the output.
  void read(const TensorView& picture, std::int64_t row, std::int64_t column, float* to, std::int64_t channel_step,
            std::int64_t tap_step) const;

 private:
  std::int64_t channels_, kernel_h_, kernel_w_;
  std::int64_t stride_h_, stride_w_, dilation_h_, dilation_w_, pad_top_, pad_left_;
};

}  // namespace saker
