// Between float32 and 8-bit numbers, and sums of 8-bit numbers, over runs of consecutive elements.
//
// Parameters have a step: 1, one for each element of the run (channels), or 0, one for all. The arithmetic is float32
// in the order written here, so that every ISA level gives the same bits as the references.
#pragma once

#include <cstdint>

#include "base/activation.h"
#include "kernels/kernel_name.h"

namespace saker {

constexpr int kMaxByteTerms = 4;

// activation(fma(float(x), scale, shift)); activations are those of int8_can_apply (base/activation.h).
struct ByteTerm {
  const std::uint8_t* x = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  std::int64_t step = 0;
  Activation activation;
};

struct QuantizeKernel {
  KernelName name;
  // bytes[i] = round to even(clamp(fma(x[i], scale, offset), 0, 255))
  void (*quantize)(std::int64_t n, const float* x, const float* scale, const float* offset, std::int64_t step,
                   std::uint8_t* bytes);
  // The same of up to four planes, plane_step floats apart, which become the four bytes of each pixel (the missing: 0);
  // one scale and offset for each plane.
  void (*quantize_planes)(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, const float* scale,
                          const float* offset, std::uint8_t* quads);
  // x[i] = fma(float(bytes[i]), scale, shift)
  void (*dequantize)(std::int64_t n, const std::uint8_t* bytes, const float* scale, const float* shift,
                     std::int64_t step, float* x);
  // bytes[i] = round to even(clamp(fma(sum of the terms, from the first to the last, scale, offset), 0, 255))
  void (*sum)(std::int64_t n, const ByteTerm* terms, int count, const float* scale, const float* offset,
              std::int64_t step, std::uint8_t* bytes);
  // low_high widens to what x reaches; NaN does not count
  void (*range)(std::int64_t n, const float* x, float* low_high);
  // bytes[i] = clamp(round to even(x[i] / scale) + zero, 0, 255), as DynamicQuantizeLinear defines it to the last bit;
  // of planes as quantize_planes, one scale for all, the missing: 0
  void (*divide)(std::int64_t n, const float* x, float scale, float zero, std::uint8_t* bytes);
  void (*divide_planes)(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, float scale,
                        float zero, std::uint8_t* quads);
};

// How a network of bytes quantizes its input, with one scale and offset for each channel.
struct InputQuantizer {
  const QuantizeKernel* kernel = nullptr;
  const float *scale = nullptr, *offset = nullptr;
};

extern const QuantizeKernel kQuantizeBaseline, kQuantizeAvx2, kQuantizeAvx512;

// The definitions of right.
extern const QuantizeKernel kQuantizeReference;

}  // namespace saker
