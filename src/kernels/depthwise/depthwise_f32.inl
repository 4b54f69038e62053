// DepthwiseOps of float32, and what follows its sums. Include after one vec_*.h.
#pragma once

// (what becomes of a tile)
#include "kernels/conv/finish.inl"
#include "kernels/depthwise/depthwise.h"

namespace saker {
namespace {

struct DepthwiseOps {
  using Channel = float;
  static inline Vec load(const float* p) { return Vec::load(p); }
  static inline Vec load_n(const float* p, int n) { return Vec::load_n(p, n); }
  static inline Vec multiply_add(Vec x, Vec w, Vec sum) { return fma(x, w, sum); }
};

}  // namespace
}  // namespace saker

// (the body, over all of these)
#include "kernels/depthwise/depthwise.inl"
