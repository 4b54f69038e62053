// 2-D resize of float32, channels innermost, by tables made beforehand.
#pragma once

#include "kernels/conv/conv.h"

namespace saker {

// Output row (or column) i is (1 - weight[i]) * input[low[i]] + weight[i] * input[high[i]].
struct ResizeAxis {
  const std::int32_t* low = nullptr;
  const std::int32_t* high = nullptr;  // null: nearest, weights unused
  const float* weight = nullptr;
};

struct ResizeArgs {
  std::int64_t out_w = 0, channels = 0;
  ResizeAxis rows, columns;
  const float* src = nullptr;
  float* dst = nullptr;
  ImageStrides src_at, dst_at;
};

struct ResizeKernel {
  KernelName name;
  void (*run)(const ResizeArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row);  // output rows
};

extern const ResizeKernel kResizeBaseline, kResizeAvx2, kResizeAvx512;

void resize_reference(const ResizeArgs& args, std::int64_t batch, std::int64_t out_h);

}  // namespace saker
