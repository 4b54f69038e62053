#include "kernels/loop_nest.h"

#include <algorithm>

namespace saker {

std::int64_t LoopNest::elements() const {
  std::int64_t count = 1;
  for (int i = 0; i < rank; ++i) count *= extents[i];
  return count;
}

void LoopNest::offsets_at(std::int64_t i, int axes, std::int64_t (&offsets)[kMaxOperands]) const {
  std::fill(offsets, offsets + kMaxOperands, 0);
  for (int axis = axes; axis-- > 0;) {
    const std::int64_t index = i % extents[axis];
    i /= extents[axis];
    for (int k = 0; k < operands; ++k) offsets[k] += index * strides[k][axis];
  }
}

LoopNest simplified(const LoopNest& nest) {
  int order[LoopNest::kMaxRank];
  int rank = 0;
  for (int i = 0; i < nest.rank; ++i) {
    if (nest.extents[i] != 1) order[rank++] = i;
  }
  std::stable_sort(order, order + rank, [&](int a, int b) { return nest.strides[0][a] > nest.strides[0][b]; });
  LoopNest out;
  out.operands = nest.operands;
  for (int k = 0; k < rank; ++k) {
    const int axis = order[k];
    const int last = out.rank - 1;
    bool merge = last >= 0;
    for (int o = 0; merge && o < nest.operands; ++o) merge = out.strides[o][last] == nest.extents[axis] * nest.strides[o][axis];
    const int to = merge ? last : out.rank++;
    out.extents[to] = (merge ? out.extents[to] : 1) * nest.extents[axis];
    for (int o = 0; o < nest.operands; ++o) out.strides[o][to] = nest.strides[o][axis];
  }
  return out;
}

}  // namespace saker
