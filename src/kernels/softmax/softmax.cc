#include "kernels/softmax/softmax.h"

#include <algorithm>
#include <cmath>

namespace saker {

void softmax_reference(std::int64_t n, const float* src, std::int64_t src_step, float* dst, std::int64_t dst_step) {
  float highest = src[0];
  for (std::int64_t i = 1; i < n; ++i) highest = std::max(highest, src[i * src_step]);
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i)
    sum += std::exp(static_cast<double>(src[i * src_step]) - static_cast<double>(highest));
  for (std::int64_t i = 0; i < n; ++i) {
    dst[i * dst_step] =
        static_cast<float>(std::exp(static_cast<double>(src[i * src_step]) - static_cast<double>(highest)) / sum);
  }
}

}  // namespace saker
