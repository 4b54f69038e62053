#include "kernels/simd/stored_avx512_bf16.h"
// (what becomes of a tile, over both)
#include "kernels/conv_bf16/finish_bf16.inl"
#include "kernels/depthwise/depthwise.h"

namespace saker {
namespace {

struct DepthwiseOps {
  using Channel = BFloat16;
  static inline Vec load(const BFloat16* p) { return load_stored(p); }
  static inline Vec load_n(const BFloat16* p, int n) { return load_stored_n(p, n); }
  static inline Vec multiply_add(Vec x, Vec w, Vec sum) { return fma(x, w, sum); }
};

}  // namespace
}  // namespace saker

// (the body, over all of these)
#include "kernels/depthwise/depthwise.inl"

namespace saker {
const DepthwiseBf16Kernel kDepthwiseBf16Avx512 = {
    {"depthwise_bf16", {Isa::kAvx512, Isa::kBf16}}, Vec::kWidth, run_depthwise<ConvBf16Args>};
}  // namespace saker
