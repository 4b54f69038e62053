// The multiplication of the float32 convolution; one of other numbers brings its own (conv_bf16_avx512.cc).
// Include after one vec_*.h, before conv.inl.
#pragma once

namespace saker {
namespace {

inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  return fma(x, weight, sum);
}

}  // namespace
}  // namespace saker
