// The reduction body, compiled once per ISA level. Include after one vec_*.h.
#pragma once

#include "kernels/reduce/reduce.h"

namespace saker {
namespace {

float run_reduce_row(ReduceKind kind, std::int64_t n, const float* src) {
  const bool is_max = kind == ReduceKind::kMax;
  float result = is_max ? src[0] : 0.0F;
  std::int64_t i = 0;
  if (n >= Vec::kWidth) {
    Vec acc = Vec::load(src);
    for (i = Vec::kWidth; i + Vec::kWidth <= n; i += Vec::kWidth)
      acc = is_max ? max(acc, Vec::load(src + i)) : acc + Vec::load(src + i);
    result = is_max ? highest(acc) : sum(acc);
  }
  for (; i < n; ++i) result = is_max ? (result > src[i] ? result : src[i]) : result + src[i];
  return result;
}

}  // namespace
}  // namespace saker
