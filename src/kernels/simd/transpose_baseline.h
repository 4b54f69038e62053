// Transposes 4 x 4 numbers of 32 bits, and moves bytes that are no whole vector. Include after vec_baseline.h.
#pragma once

#include "kernels/simd/vec_baseline.h"

namespace saker {
namespace {

inline Vec load_some(const void* p, std::int64_t bytes) {
  Vec v = Vec::broadcast(0);
  std::memcpy(&v, p, static_cast<std::size_t>(bytes));
  return v;
}
inline void store_some(Vec v, void* p, std::int64_t bytes) {
  std::memcpy(p, &v, static_cast<std::size_t>(bytes));
}

inline void transpose(Vec (&r)[Vec::kWidth]) {
  const Vec a = r[0], b = r[1], c = r[2], d = r[3];
  for (int i = 0; i < Vec::kWidth; ++i) r[i].v = Vec::Native{a.v[i], b.v[i], c.v[i], d.v[i]};
}

}  // namespace
}  // namespace saker
