// Transposes 4 x 4 numbers of 32 bits. Include after vec_baseline.h.
#pragma once

#include "kernels/simd/vec_baseline.h"
// (over Vec)
#include "kernels/simd/some_bytes.inl"

namespace saker {
namespace {

inline void transpose(Vec (&r)[Vec::kWidth]) {
  const Vec a = r[0], b = r[1], c = r[2], d = r[3];
  for (int i = 0; i < Vec::kWidth; ++i) r[i].v = Vec::Native{a.v[i], b.v[i], c.v[i], d.v[i]};
}

}  // namespace
}  // namespace saker
