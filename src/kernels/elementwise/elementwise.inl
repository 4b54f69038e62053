// The elementwise bodies, compiled once per ISA level. Include after one vec_*.h.
#pragma once

#include "kernels/elementwise/elementwise.h"
#include "kernels/simd/math.inl"

namespace saker {
namespace {

void run_activation(const Activation& activation, std::int64_t n, const float* src, float* dst) {
  with_activation(activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(activation.alpha);
    const Vec beta = Vec::broadcast(activation.beta);
    std::int64_t i = 0;
    for (; i + Vec::kWidth <= n; i += Vec::kWidth) activate<kKind>(Vec::load(src + i), alpha, beta).store(dst + i);
    if (i < n)
      activate<kKind>(Vec::load_n(src + i, static_cast<int>(n - i)), alpha, beta)
          .store_n(dst + i, static_cast<int>(n - i));
  });
}

template <BinaryKind kKind>
inline Vec apply(Vec a, Vec b) {
  if constexpr (kKind == BinaryKind::kAdd) return a + b;
  if constexpr (kKind == BinaryKind::kSub) return a - b;
  if constexpr (kKind == BinaryKind::kMul) return a * b;
  if constexpr (kKind == BinaryKind::kDiv) return a / b;
  if constexpr (kKind == BinaryKind::kMin) return min(a, b);
  return max(a, b);
}

template <BinaryKind kKind>
void run_binary_kind(std::int64_t n, const float* a, std::int64_t a_step, const float* b, std::int64_t b_step,
                     float* dst) {
  const auto load = [](const float* p, std::int64_t step, std::int64_t i) {
    return step == 0 ? Vec::broadcast(*p) : Vec::load(p + i);
  };
  const auto load_n = [](const float* p, std::int64_t step, std::int64_t i, int left) {
    return step == 0 ? Vec::broadcast(*p) : Vec::load_n(p + i, left);
  };
  std::int64_t i = 0;
  for (; i + Vec::kWidth <= n; i += Vec::kWidth) apply<kKind>(load(a, a_step, i), load(b, b_step, i)).store(dst + i);
  if (i == n) return;
  const int left = static_cast<int>(n - i);
  apply<kKind>(load_n(a, a_step, i, left), load_n(b, b_step, i, left)).store_n(dst + i, left);
}

void run_binary(BinaryKind kind, std::int64_t n, const float* a, std::int64_t a_step, const float* b,
                std::int64_t b_step, float* dst) {
  switch (kind) {
    case BinaryKind::kAdd:
      return run_binary_kind<BinaryKind::kAdd>(n, a, a_step, b, b_step, dst);
    case BinaryKind::kSub:
      return run_binary_kind<BinaryKind::kSub>(n, a, a_step, b, b_step, dst);
    case BinaryKind::kMul:
      return run_binary_kind<BinaryKind::kMul>(n, a, a_step, b, b_step, dst);
    case BinaryKind::kDiv:
      return run_binary_kind<BinaryKind::kDiv>(n, a, a_step, b, b_step, dst);
    case BinaryKind::kMin:
      return run_binary_kind<BinaryKind::kMin>(n, a, a_step, b, b_step, dst);
    case BinaryKind::kMax:
      return run_binary_kind<BinaryKind::kMax>(n, a, a_step, b, b_step, dst);
  }
}

}  // namespace
}  // namespace saker
