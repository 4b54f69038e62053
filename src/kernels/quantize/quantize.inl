// The body, compiled once per ISA level. Include after one vec_*.h and the bytes_*.h for it.
#pragma once

#include "kernels/conv/tile.inl"
// (over Tile)
#include "kernels/conv_int8/finish.inl"
#include "kernels/quantize/quantize.h"

namespace saker {
namespace {

inline Vec load_parameters(const float* p, std::int64_t i, std::int64_t step, int n) {
  if (step == 0) return Vec::broadcast(*p);
  return n == Vec::kWidth ? Vec::load(p + i) : Vec::load_n(p + i, n);
}

// Calls body(i, n) for whole vectors, then for the rest.
template <typename Body>
inline void each_vector(std::int64_t count, Body&& body) {
  std::int64_t i = 0;
  for (; i + Vec::kWidth <= count; i += Vec::kWidth) body(i, Vec::kWidth);
  if (i < count) body(i, static_cast<int>(count - i));
}

inline Vec load_floats(const float* p, int n) {
  return n == Vec::kWidth ? Vec::load(p) : Vec::load_n(p, n);
}
inline Vec load_some_bytes(const std::uint8_t* p, int n) {
  return n == Vec::kWidth ? load_bytes(p) : load_bytes_n(p, n);
}
inline void store_some_bytes(Vec v, std::uint8_t* p, int n) {
  n == Vec::kWidth ? store_bytes(v, p) : store_bytes_n(v, p, n);
}

void quantize(std::int64_t count, const float* x, const float* scale, const float* offset, std::int64_t step,
              std::uint8_t* bytes) {
  each_vector(count, [&](std::int64_t i, int n) {
    const Vec v = fused(load_floats(x + i, n), load_parameters(scale, i, step, n), load_parameters(offset, i, step, n));
    store_some_bytes(v, bytes + i, n);
  });
}

// quantize_plane(plane, first, n, bytes) for parts of each plane, whose bytes become pixels.
template <typename Plane>
inline void interleave_planes(std::int64_t pixels, int planes, std::uint8_t* quads, Plane&& quantize_plane) {
  constexpr int kPart = 16 * Vec::kWidth;
  alignas(64) std::uint8_t bytes[4][kPart] = {};
  for (std::int64_t first = 0; first < pixels; first += kPart) {
    const std::int64_t n = pixels - first < kPart ? pixels - first : kPart;
    for (int k = 0; k < planes; ++k) quantize_plane(k, first, n, bytes[k]);
    std::uint8_t* to = quads + 4 * first;
    for (std::int64_t i = 0; i < n; ++i) {  // the compiler makes vectors of it
      const std::uint32_t quad =
          bytes[0][i] | bytes[1][i] << 8 | bytes[2][i] << 16 | static_cast<std::uint32_t>(bytes[3][i]) << 24;
      __builtin_memcpy(to + 4 * i, &quad, sizeof quad);
    }
  }
}

void quantize_planes(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, const float* scale,
                     const float* offset, std::uint8_t* quads) {
  interleave_planes(pixels, planes, quads, [&](int k, std::int64_t first, std::int64_t n, std::uint8_t* bytes) {
    quantize(n, x + k * plane_step + first, scale + k, offset + k, 0, bytes);
  });
}

void dequantize(std::int64_t count, const std::uint8_t* bytes, const float* scale, const float* shift,
                std::int64_t step, float* x) {
  each_vector(count, [&](std::int64_t i, int n) {
    const Vec v =
        fused(load_some_bytes(bytes + i, n), load_parameters(scale, i, step, n), load_parameters(shift, i, step, n));
    n == Vec::kWidth ? v.store(x + i) : v.store_n(x + i, n);
  });
}

inline void add_term(const ByteTerm& term, std::int64_t first, std::int64_t count, bool is_first, float* sums) {
  with_exact_activation(term.activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(term.activation.alpha), beta = Vec::broadcast(term.activation.beta);
    each_vector(count, [&](std::int64_t i, int n) {
      const Vec scale = load_parameters(term.scale, first + i, term.step, n);
      const Vec shift = load_parameters(term.shift, first + i, term.step, n);
      const Vec v = activate_exactly<kKind>(fused(load_some_bytes(term.x + first + i, n), scale, shift), alpha, beta);
      (is_first ? v : Vec::load(sums + i) + v).store(sums + i);
    });
  });
}

void sum_bytes(std::int64_t count, const ByteTerm* terms, int terms_count, const float* scale, const float* offset,
               std::int64_t step, std::uint8_t* bytes) {
  constexpr std::int64_t kPart = 16 * Vec::kWidth;
  alignas(64) float sums[kPart] = {};
  for (std::int64_t first = 0; first < count; first += kPart) {
    const std::int64_t part = count - first < kPart ? count - first : kPart;
    for (int k = 0; k < terms_count; ++k) add_term(terms[k], first, part, k == 0, sums);
    each_vector(part, [&](std::int64_t i, int n) {
      const Vec v = fused(Vec::load(sums + i), load_parameters(scale, first + i, step, n),
                          load_parameters(offset, first + i, step, n));
      store_some_bytes(v, bytes + first + i, n);
    });
  }
}

void range(std::int64_t count, const float* x, float* low_high) {
  Vec low = Vec::broadcast(low_high[0]), high = Vec::broadcast(low_high[1]);
  std::int64_t i = 0;
  for (; i + Vec::kWidth <= count; i += Vec::kWidth) {
    const Vec v = Vec::load(x + i);
    low = min(v, low);  // the second where the first is NaN
    high = max(v, high);
  }
  float lows[Vec::kWidth], highs[Vec::kWidth];
  low.store(lows);
  high.store(highs);
  const auto widen = [&](float below, float above) {
    low_high[0] = below < low_high[0] ? below : low_high[0];
    low_high[1] = above > low_high[1] ? above : low_high[1];
  };
  for (int k = 0; k < Vec::kWidth; ++k) widen(lows[k], highs[k]);
  for (; i < count; ++i) widen(x[i], x[i]);
}

void divide(std::int64_t count, const float* x, float scale, float zero, std::uint8_t* bytes) {
  const Vec divisor = Vec::broadcast(scale), offset = Vec::broadcast(zero);
  const Vec limit = Vec::broadcast(512), magic = Vec::broadcast(12582912.0F);  // 1.5 * 2^23 rounds to nearest even
  each_vector(count, [&](std::int64_t i, int n) {
    const Vec steps = max(min(load_floats(x + i, n) / divisor, limit), Vec::broadcast(-512));
    store_some_bytes((steps + magic) - magic + offset, bytes + i, n);
  });
}

void divide_planes(std::int64_t pixels, int planes, const float* x, std::int64_t plane_step, float scale, float zero,
                   std::uint8_t* quads) {
  interleave_planes(pixels, planes, quads, [&](int k, std::int64_t first, std::int64_t n, std::uint8_t* bytes) {
    divide(n, x + k * plane_step + first, scale, zero, bytes);
  });
}

}  // namespace
}  // namespace saker
