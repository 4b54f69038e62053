#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

// sum + (x[0]w[0] + x[1]w[1]) + (x[2]w[2] + x[3]w[3]) in each 32-bit lane: x bytes without, w with sign; the sums of
// two fit 16 bits (pairs.h).
inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  const auto bits = [](Vec v) { return _mm512_castps_si512(v.v); };
  const __m512i twos = _mm512_maddubs_epi16(bits(x), bits(weight));
  const __m512i fours = _mm512_madd_epi16(twos, _mm512_set1_epi16(1));
  return {_mm512_castsi512_ps(_mm512_add_epi32(bits(sum), fours))};
}

}  // namespace
}  // namespace saker

// (the body, over its Vec, bytes and multiply_add)
#include "kernels/conv_int8/pairs.inl"

namespace saker {
extern const ConvInt8PairsKernel kConvInt8PairsAvx512;
const ConvInt8PairsKernel kConvInt8PairsAvx512 = {conv_kernel({"conv_int8_pairs", Isa::kAvx512, true}, nullptr),
                                                  run_conv<ConvInt8PairsArgs>};
}  // namespace saker
