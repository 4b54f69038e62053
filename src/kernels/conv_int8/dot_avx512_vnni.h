// The dot product of four bytes in each 32 bits, for this level: multiply_add.
#pragma once

#include "kernels/conv_int8/bytes_avx512.h"

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return {_mm512_castsi512_ps(
      _mm512_dpbusd_epi32(_mm512_castps_si512(sum.v), _mm512_castps_si512(x.v), _mm512_castps_si512(weight.v)))};
}

}  // namespace
}  // namespace saker
