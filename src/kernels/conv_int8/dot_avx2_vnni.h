// The dot product of four bytes in each 32 bits, for this level: multiply_add.
#pragma once

#include "kernels/conv_int8/bytes_avx2.h"

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return {_mm256_castsi256_ps(
      _mm256_dpbusd_avx_epi32(_mm256_castps_si256(sum.v), _mm256_castps_si256(x.v), _mm256_castps_si256(weight.v)))};
}

}  // namespace
}  // namespace saker
