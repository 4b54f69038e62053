// The reference.
#include "kernels/quantize/quantize.h"

#include <algorithm>
#include <cmath>

#include "kernels/conv_int8/finish_reference.h"

namespace saker {
namespace {

void quantize(std::int64_t n, const float* x, const float* scale, const float* offset, std::int64_t step,
              std::uint8_t* bytes) {
  for (std::int64_t i = 0; i < n; ++i) bytes[i] = byte_reference(std::fma(x[i], scale[i * step], offset[i * step]));
}

void quantize_planes(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, const float* scale,
                     const float* offset, std::uint8_t* quads) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    for (int k = 0; k < 4; ++k)
      quads[4 * i + k] = k < planes ? byte_reference(std::fma(x[k * plane_step + i], scale[k], offset[k])) : 0;
  }
}

void dequantize(std::int64_t n, const std::uint8_t* bytes, const float* scale, const float* shift, std::int64_t step,
                float* x) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = std::fma(static_cast<float>(bytes[i]), scale[i * step], shift[i * step]);
}

void sum(std::int64_t n, const ByteTerm* terms, int count, const float* scale, const float* offset, std::int64_t step,
         std::uint8_t* bytes) {
  for (std::int64_t i = 0; i < n; ++i) {
    float total = 0;
    for (int k = 0; k < count; ++k) {
      const ByteTerm& term = terms[k];
      const float v = int8_activation_reference(
          term.activation,
          std::fma(static_cast<float>(term.x[i]), term.scale[i * term.step], term.shift[i * term.step]));
      total = k == 0 ? v : total + v;
    }
    bytes[i] = byte_reference(std::fma(total, scale[i * step], offset[i * step]));
  }
}

void range(std::int64_t n, const float* x, float* low_high) {
  for (std::int64_t i = 0; i < n; ++i) {
    low_high[0] = std::min(low_high[0], x[i]);
    low_high[1] = std::max(low_high[1], x[i]);
  }
}

void divide(std::int64_t n, const float* x, float scale, float zero, std::uint8_t* bytes) {
  for (std::int64_t i = 0; i < n; ++i) bytes[i] = byte_reference(std::nearbyint(x[i] / scale) + zero);
}

void divide_planes(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, float scale, float zero,
                   std::uint8_t* quads) {
  std::fill(quads, quads + 4 * pixels, std::uint8_t{0});
  for (std::int64_t i = 0; i < pixels; ++i) {
    for (int k = 0; k < planes; ++k) divide(1, x + k * plane_step + i, scale, zero, quads + 4 * i + k);
  }
}

}  // namespace

const QuantizeKernel kQuantizeReference = {
    {"quantize_reference", Isa::kBaseline}, quantize, quantize_planes, dequantize, sum, range, divide, divide_planes};

}  // namespace saker
