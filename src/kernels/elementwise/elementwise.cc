#include "kernels/elementwise/elementwise.h"

namespace saker {

float binary_reference(BinaryKind kind, float a, float b) {
  switch (kind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSub:
      return a - b;
    case BinaryKind::kMul:
      return a * b;
    case BinaryKind::kDiv:
      return a / b;
    case BinaryKind::kMin:
      return a < b ? a : b;
    case BinaryKind::kMax:
      return a > b ? a : b;
  }
  return 0;
}

namespace {

template <BinaryKind kKind>
void short_runs(std::int64_t rows, std::int64_t n, const float* a, ShortRuns a_at, const float* b, ShortRuns b_at,
                float* dst, ShortRuns dst_at) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t i = 0; i < n; ++i) {
      dst[r * dst_at.row_step + i * dst_at.step] =
          binary_reference(kKind, a[r * a_at.row_step + i * a_at.step], b[r * b_at.row_step + i * b_at.step]);
    }
  }
}

}  // namespace

void binary_short_runs(BinaryKind kind, std::int64_t rows, std::int64_t n, const float* a, ShortRuns a_at,
                       const float* b, ShortRuns b_at, float* dst, ShortRuns dst_at) {
  switch (kind) {
    case BinaryKind::kAdd:
      return short_runs<BinaryKind::kAdd>(rows, n, a, a_at, b, b_at, dst, dst_at);
    case BinaryKind::kSub:
      return short_runs<BinaryKind::kSub>(rows, n, a, a_at, b, b_at, dst, dst_at);
    case BinaryKind::kMul:
      return short_runs<BinaryKind::kMul>(rows, n, a, a_at, b, b_at, dst, dst_at);
    case BinaryKind::kDiv:
      return short_runs<BinaryKind::kDiv>(rows, n, a, a_at, b, b_at, dst, dst_at);
    case BinaryKind::kMin:
      return short_runs<BinaryKind::kMin>(rows, n, a, a_at, b, b_at, dst, dst_at);
    case BinaryKind::kMax:
      return short_runs<BinaryKind::kMax>(rows, n, a, a_at, b, b_at, dst, dst_at);
  }
}

}  // namespace saker
