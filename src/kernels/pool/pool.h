// 2-D max and average pooling of float32, channels innermost. Windows are clipped to the picture.
#pragma once

#include "kernels/conv/conv.h"

namespace saker {

struct PoolArgs {
  ConvShape shape;  // in_c = out_c = channels
  bool average = false;
  bool count_include_pad = false;  // the average divides by the window's part of the padded picture
  std::int64_t pad_bottom = 0, pad_right = 0;
  const float* src = nullptr;
  float* dst = nullptr;
  ImageStrides src_at, dst_at;
};

struct PoolKernel {
  KernelName name;
  void (*run)(const PoolArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row);  // output rows
  // The maximum of uint8; strides count bytes, src and dst of args are not used. A window outside the picture gives 0.
  void (*run_bytes)(const PoolArgs& args, const std::uint8_t* src, std::uint8_t* dst, std::int64_t n,
                    std::int64_t first_row, std::int64_t last_row);
};

extern const PoolKernel kPoolBaseline, kPoolAvx2, kPoolAvx512;

// The maximum of bfloat16: src and dst point to BFloat16 (base/half.h), strides count those.
struct PoolBf16Kernel {
  KernelName name;
  void (*run)(const PoolArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row);
};
extern const PoolBf16Kernel kPoolBf16Avx512;  // needs Isa::kBf16 besides

void pool_reference(const PoolArgs& args);

}  // namespace saker
