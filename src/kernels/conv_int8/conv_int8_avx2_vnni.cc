#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return {_mm256_castsi256_ps(
      _mm256_dpbusd_avx_epi32(_mm256_castps_si256(sum.v), _mm256_castps_si256(x.v), _mm256_castps_si256(weight.v)))};
}

}  // namespace
}  // namespace saker

// (the body, over Vec, its bytes and multiply_add)
#include "kernels/conv_int8/conv_int8.inl"

namespace saker {
extern const ConvInt8Kernel kConvInt8Avx2Vnni;
const ConvInt8Kernel kConvInt8Avx2Vnni = {conv_int8_tiles({"conv_int8_direct", {Isa::kAvx2, Isa::kVnni}, true}),
                                          run_conv<ConvInt8Args>};
}  // namespace saker
