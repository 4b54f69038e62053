#include "kernels/conv_int8/bytes_baseline.h"

namespace saker {
namespace {

struct DepthwiseOps {
  using Channel = std::uint8_t;
  static inline Vec of(Vec::NativeInt integers) {
    Vec r;
    std::memcpy(&r.v, &integers, sizeof r.v);
    return r;
  }
  static inline Vec::NativeInt integers(Vec x) {
    Vec::NativeInt r;
    std::memcpy(&r, &x.v, sizeof r);
    return r;
  }
  static inline Vec load_n(const std::uint8_t* p, int n) {
    Vec::NativeInt r = {};
    for (int i = 0; i < n; ++i) r[i] = p[i];
    return of(r);
  }
  static inline Vec load(const std::uint8_t* p) { return load_n(p, Vec::kWidth); }
  static inline Vec multiply_add(Vec x, Vec w, Vec sum) { return of(integers(sum) + integers(x) * integers(w)); }
};

}  // namespace
}  // namespace saker

// (the body, over all of these)
#include "kernels/depthwise_int8/depthwise_int8.inl"

namespace saker {
extern const DepthwiseInt8Kernel kDepthwiseInt8Baseline;
const DepthwiseInt8Kernel kDepthwiseInt8Baseline = {
    {"depthwise_int8", Isa::kBaseline}, Vec::kWidth, run_depthwise<ConvInt8Args>};
}  // namespace saker
