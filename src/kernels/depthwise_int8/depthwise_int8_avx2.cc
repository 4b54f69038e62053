#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

// Bytes as 32-bit lanes: the upper 16 bits are zero, and so is their product with the weight's sign.
struct DepthwiseOps {
  using Channel = std::uint8_t;
  static inline Vec load(const std::uint8_t* p) {
    return {_mm256_castsi256_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
  }
  static inline Vec load_n(const std::uint8_t* p, int n) {
    std::uint8_t bytes[Vec::kWidth] = {};
    std::memcpy(bytes, p, static_cast<std::size_t>(n));
    return load(bytes);
  }
  static inline Vec multiply_add(Vec x, Vec w, Vec sum) {
    const __m256i product = _mm256_madd_epi16(_mm256_castps_si256(x.v), _mm256_castps_si256(w.v));
    return {_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(sum.v), product))};
  }
};

}  // namespace
}  // namespace saker

// (the body, over all of these)
#include "kernels/depthwise_int8/depthwise_int8.inl"

namespace saker {
extern const DepthwiseInt8Kernel kDepthwiseInt8Avx2;
const DepthwiseInt8Kernel kDepthwiseInt8Avx2 = {
    {"depthwise_int8", Isa::kAvx2}, Vec::kWidth, run_depthwise<ConvInt8Args>};
}  // namespace saker
