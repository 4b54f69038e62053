#include "train/fake_quantize.h"

#include <algorithm>
#include <cmath>

#include "quantize/scales.h"
#include "train/clones.h"

namespace saker::train {
namespace {

constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it leaves no bits behind the point
constexpr std::int64_t kWide = 64;     // numbers: what is done to a channel is repeated until it is so many
constexpr std::int64_t kBlock = 16384;

// Numbers of channels one after the other, repeated: a few channels make long loops, too.
struct Wide {
  explicit Wide(std::int64_t of) : channels(of), width(of * std::max<std::int64_t>(kWide / of, 1)) {}
  std::int64_t channels, width;
  std::int64_t block() const { return width * std::max<std::int64_t>(kBlock / width, 1); }
  template <typename Of>
  std::vector<float> repeat(const Of& of) const {
    std::vector<float> all;
    for (std::int64_t i = 0; i < width; ++i) all.push_back(of(i % channels));
    return all;
  }
};

SAKER_CLONES void round_block(const float* __restrict x, float* __restrict y, std::uint8_t* __restrict inside,
                              std::int64_t count, std::int64_t width, const float* __restrict scale,
                              const float* __restrict low, const float* __restrict high) {
  for (std::int64_t begin = 0; begin < count; begin += width) {
    const std::int64_t end = std::min(count - begin, width);
    for (std::int64_t c = 0; c < end; ++c) {
      float r = x[begin + c] / scale[c];
      r = r < low[c] - 1 ? low[c] - 1 : r;  // nearer, so that rounding is right
      r = r > high[c] + 1 ? high[c] + 1 : r;
      const float n = (r + kRound) - kRound;
      inside[begin + c] = n >= low[c] && n <= high[c] ? 1 : 0;
      const float above = n < low[c] ? low[c] : n;
      y[begin + c] = (above > high[c] ? high[c] : above) * scale[c];
    }
  }
}

SAKER_CLONES void pass_block(const float* __restrict dy, const std::uint8_t* __restrict inside, float* __restrict dx,
                             std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dx[i] = inside[i] != 0 ? dy[i] : 0.0F;
}

SAKER_CLONES void widen(const float* __restrict x, std::int64_t count, std::int64_t width, float* __restrict low,
                        float* __restrict high) {
  for (std::int64_t begin = 0; begin < count; begin += width) {
    const std::int64_t end = std::min(count - begin, width);
    for (std::int64_t c = 0; c < end; ++c) {
      const float value = x[begin + c];
      low[c] = value < low[c] ? value : low[c];
      high[c] = value > high[c] ? value : high[c];
    }
  }
}

SAKER_CLONES void round_filter(const float* __restrict weights, float* __restrict rounded,
                               const float* __restrict scales, std::int64_t taps, std::int64_t inputs, float scale) {
  for (std::int64_t t = 0; t < taps; ++t) {
    for (std::int64_t i = 0; i < inputs; ++i) {
      const float step = scale / scales[i];
      rounded[t * inputs + i] = ((weights[t * inputs + i] / step + kRound) - kRound) * step;
    }
  }
}

// body(first, count) for blocks of [0, count).
void in_blocks(std::int64_t count, std::int64_t block, const ParallelLoop& loop,
               const std::function<void(std::int64_t, std::int64_t)>& body) {
  loop((count + block - 1) / block, [&](std::int64_t i) { body(i * block, std::min(block, count - i * block)); });
}

}  // namespace

void fake_quantize(const float* x, float* y, std::uint8_t* inside, std::int64_t rows, std::int64_t channels,
                   const Quantization& grid, const ParallelLoop& loop) {
  const Wide wide(channels);
  const std::vector<float> scale = wide.repeat([&](std::int64_t c) { return grid.scale_of(c); }),
                           low = wide.repeat([&](std::int64_t c) { return static_cast<float>(-grid.zero_of(c)); }),
                           high =
                               wide.repeat([&](std::int64_t c) { return static_cast<float>(255 - grid.zero_of(c)); });
  in_blocks(rows * channels, wide.block(), loop, [&](std::int64_t first, std::int64_t count) {
    round_block(x + first, y + first, inside + first, count, wide.width, scale.data(), low.data(), high.data());
  });
}

void pass_inside(const float* dy, const std::uint8_t* inside, float* dx, std::int64_t count, const ParallelLoop& loop) {
  in_blocks(count, kBlock, loop,
            [&](std::int64_t first, std::int64_t size) { pass_block(dy + first, inside + first, dx + first, size); });
}

Extremes extremes_of(const float* x, std::int64_t rows, std::int64_t channels, const ParallelLoop& loop) {
  const Wide wide(channels);
  const std::int64_t count = rows * channels, block = wide.block(), blocks = (count + block - 1) / block;
  const auto width = static_cast<std::size_t>(wide.width);
  std::vector<float> low(static_cast<std::size_t>(blocks) * width, INFINITY), high(low.size(), -INFINITY);
  in_blocks(count, block, loop, [&](std::int64_t first, std::int64_t size) {
    const std::size_t at = static_cast<std::size_t>(first / block) * width;
    widen(x + first, size, wide.width, low.data() + at, high.data() + at);
  });
  Extremes extremes;
  extremes.low.assign(static_cast<std::size_t>(channels), INFINITY);
  extremes.high.assign(static_cast<std::size_t>(channels), -INFINITY);
  for (std::size_t i = 0; i < low.size(); ++i) {
    const std::size_t c = i % static_cast<std::size_t>(channels);  // the width is a multiple of them
    extremes.low[c] = std::min(extremes.low[c], low[i]);
    extremes.high[c] = std::max(extremes.high[c], high[i]);
  }
  return extremes;
}

void fake_quantize_weights(const float* weights, float* rounded, const FilterShape& shape,
                           std::span<const float> input_scales, const ParallelLoop& loop) {
  const std::int64_t size = shape.taps * shape.inputs, of_group = shape.filters / shape.groups;
  loop(shape.filters, [&](std::int64_t o) {
    const float* scales = input_scales.data() + o / of_group * shape.inputs;
    const float* from = weights + o * size;
    const float scale = filter_scale({from, shape.inputs, shape.taps, 1, shape.inputs}, scales, 8);
    round_filter(from, rounded + o * size, scales, shape.taps, shape.inputs, scale);
  });
}

}  // namespace saker::train
