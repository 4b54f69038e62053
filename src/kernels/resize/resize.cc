#include "kernels/resize/resize.h"

namespace saker {

void resize_reference(const ResizeArgs& args, std::int64_t batch, std::int64_t out_h) {
  const bool nearest = args.rows.high == nullptr;
  const auto at = [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
    return args.src[n * args.src_at.n_step + y * args.src_at.y_step + x * args.src_at.x_step + c];
  };
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t y = 0; y < out_h; ++y) {
      for (std::int64_t x = 0; x < args.out_w; ++x) {
        float* to = args.dst + n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step;
        for (std::int64_t c = 0; c < args.channels; ++c) {
          const std::int64_t y0 = args.rows.low[y];
          const std::int64_t x0 = args.columns.low[x];
          if (nearest) {
            to[c] = at(n, y0, x0, c);
            continue;
          }
          const float wy = args.rows.weight[y];
          const float wx = args.columns.weight[x];
          const std::int64_t y1 = args.rows.high[y];
          const std::int64_t x1 = args.columns.high[x];
          const float top = (1 - wx) * at(n, y0, x0, c) + wx * at(n, y0, x1, c);
          const float bottom = (1 - wx) * at(n, y1, x0, c) + wx * at(n, y1, x1, c);
          to[c] = (1 - wy) * top + wy * bottom;
        }
      }
    }
  }
}

}  // namespace saker
