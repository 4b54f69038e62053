#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return {_mm512_castsi512_ps(
      _mm512_dpbusd_epi32(_mm512_castps_si512(sum.v), _mm512_castps_si512(x.v), _mm512_castps_si512(weight.v)))};
}

}  // namespace
}  // namespace saker

// (the body, over Vec, its bytes and multiply_add)
#include "kernels/conv_int8/conv_int8.inl"

namespace saker {
extern const ConvInt8Kernel kConvInt8Avx512Vnni;
const ConvInt8Kernel kConvInt8Avx512Vnni = {conv_int8_tiles({"conv_int8_direct", {Isa::kAvx512, Isa::kVnni}, true}),
                                            run_conv<ConvInt8Args>};
}  // namespace saker
