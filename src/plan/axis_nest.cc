#include "plan/axis_nest.h"

#include <algorithm>

namespace saker {

LoopNest outer_nest(const PlanView& dst, const PlanView& src, std::size_t skip, std::size_t skip_too) {
  LoopNest nest;
  for (std::size_t i = 0; i < dst.shape.size(); ++i) {
    if (i == skip || i == skip_too || dst.shape[i] == 1) continue;
    nest.extents[nest.rank] = dst.shape[i];
    nest.strides[0][nest.rank] = dst.strides[i];
    nest.strides[1][nest.rank] = src.strides[i];
    ++nest.rank;
  }
  return simplified(nest);
}

std::int64_t job_count(std::int64_t iterations, int threads) {
  return std::min<std::int64_t>(iterations, threads > 1 ? 8 * threads : 1);
}

}  // namespace saker
