#include "kernels/reduce/reduce.h"

#include <algorithm>

namespace saker {

float reduce_reference(ReduceKind kind, std::int64_t n, const float* src) {
  if (kind == ReduceKind::kMax) return *std::max_element(src, src + n);
  double total = 0;
  for (std::int64_t i = 0; i < n; ++i) total += static_cast<double>(src[i]);
  return static_cast<float>(total);
}

}  // namespace saker
