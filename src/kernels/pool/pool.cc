// The reference.
#include "kernels/pool/pool.h"

#include <algorithm>
#include <limits>

#include "kernels/window.h"

namespace saker {
namespace {

float pool_at(const PoolArgs& args, std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
  const ConvShape& s = args.shape;
  float highest = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::int64_t inside = 0;
  std::int64_t padded = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < s.kernel_w; ++q) {
      const std::int64_t in_y = y * s.stride_h - s.pad_top + r * s.dilation_h;
      const std::int64_t in_x = x * s.stride_w - s.pad_left + q * s.dilation_w;
      if (in_y < s.in_h + args.pad_bottom && in_x < s.in_w + args.pad_right) ++padded;
      if (in_y < 0 || in_y >= s.in_h || in_x < 0 || in_x >= s.in_w) continue;
      const float value = args.src[n * args.src_at.n_step + in_y * args.src_at.y_step + in_x * args.src_at.x_step + c];
      highest = std::max(highest, value);
      sum += static_cast<double>(value);
      ++inside;
    }
  }
  if (!args.average) return highest;
  return static_cast<float>(sum /
                            static_cast<double>(std::max<std::int64_t>(args.count_include_pad ? padded : inside, 1)));
}

}  // namespace

void pool_reference(const PoolArgs& args) {
  const ConvShape& s = args.shape;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t y = 0; y < s.out_h; ++y) {
      for (std::int64_t x = 0; x < s.out_w; ++x) {
        float* to = args.dst + n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step;
        for (std::int64_t c = 0; c < s.out_c; ++c) to[c] = pool_at(args, n, y, x, c);
      }
    }
  }
}

}  // namespace saker
