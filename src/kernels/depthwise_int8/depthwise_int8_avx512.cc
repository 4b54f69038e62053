#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

// Bytes as 32-bit lanes: the upper 16 bits are zero, and so is their product with the weight's sign.
struct DepthwiseOps {
  using Channel = std::uint8_t;
  static inline Vec widen(__m128i bytes) { return {_mm512_castsi512_ps(_mm512_cvtepu8_epi32(bytes))}; }
  static inline Vec load(const std::uint8_t* p) { return widen(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  static inline Vec load_n(const std::uint8_t* p, int n) { return widen(_mm_maskz_loadu_epi8(Vec::mask(n), p)); }
  static inline Vec multiply_add(Vec x, Vec w, Vec sum) {
    const __m512i product = _mm512_madd_epi16(_mm512_castps_si512(x.v), _mm512_castps_si512(w.v));
    return {_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(sum.v), product))};
  }
};

}  // namespace
}  // namespace saker

// (the body, over all of these)
#include "kernels/depthwise_int8/depthwise_int8.inl"

namespace saker {
extern const DepthwiseInt8Kernel kDepthwiseInt8Avx512;
const DepthwiseInt8Kernel kDepthwiseInt8Avx512 = {
    {"depthwise_int8", Isa::kAvx512}, Vec::kWidth, run_depthwise<ConvInt8Args>};
}  // namespace saker
