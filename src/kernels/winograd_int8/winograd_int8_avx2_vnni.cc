#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

// sum + x[0]w[0] + x[1]w[1] in each 32-bit lane: 16-bit numbers with sign.
inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  const auto bits = [](Vec v) { return _mm256_castps_si256(v.v); };
  return {_mm256_castsi256_ps(_mm256_dpwssd_avx_epi32(bits(sum), bits(x), bits(weight)))};
}

}  // namespace
}  // namespace saker

// (the body, over its Vec, bytes and multiply_add)
#include "kernels/winograd_int8/winograd_int8.inl"

namespace saker {
extern const WinogradInt8Kernel kWinogradInt8Avx2Vnni;
const WinogradInt8Kernel kWinogradInt8Avx2Vnni = winograd_int8_kernel({Isa::kAvx2, Isa::kVnni});
}  // namespace saker
