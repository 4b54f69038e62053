// The softmax bodies, compiled once per ISA level. Include after one vec_*.h and the transpose_*.h for it.
#pragma once

#include "kernels/simd/math.inl"
#include "kernels/softmax/softmax.h"

namespace saker {
namespace {

inline float highest_of(std::int64_t n, const float* src) {
  constexpr int W = Vec::kWidth;
  if (n < W) {
    float top = src[0];
    for (std::int64_t i = 1; i < n; ++i) top = top > src[i] ? top : src[i];
    return top;
  }
  Vec top = Vec::load(src);
  for (std::int64_t i = W; i + W <= n; i += W) top = max(top, Vec::load(src + i));
  return highest(max(top, Vec::load(src + n - W)));  // the last vector may overlap
}

void run_softmax_row(std::int64_t n, const float* src, float* dst) {
  constexpr int W = Vec::kWidth;
  const std::int64_t whole = n / W * W;
  const int left = static_cast<int>(n - whole);
  const Vec shift = Vec::broadcast(highest_of(n, src));
  Vec total = Vec::broadcast(0);
  for (std::int64_t i = 0; i < whole; i += W) {
    const Vec e = exp(Vec::load(src + i) - shift);
    e.store(dst + i);
    total = total + e;
  }
  float sum_of = sum(total);
  if (left > 0) {
    exp(Vec::load_n(src + whole, left) - shift).store_n(dst + whole, left);
    for (int i = 0; i < left; ++i) sum_of += dst[whole + i];
  }
  const Vec scale = Vec::broadcast(1.0F / sum_of);
  for (std::int64_t i = 0; i < whole; i += W) (Vec::load(dst + i) * scale).store(dst + i);
  for (std::int64_t i = whole; i < n; ++i) dst[i] *= 1.0F / sum_of;
}

inline float expectation_of_row(std::int64_t n, const float* weights, const float* src) {
  constexpr int W = Vec::kWidth;
  const std::int64_t whole = n / W * W;
  const int left = static_cast<int>(n - whole);
  const Vec shift = Vec::broadcast(highest_of(n, src));
  Vec total = Vec::broadcast(0), weighted = Vec::broadcast(0);
  for (std::int64_t i = 0; i < whole; i += W) {
    const Vec e = exp(Vec::load(src + i) - shift);
    total = total + e;
    weighted = fma(e, Vec::load(weights + i), weighted);
  }
  float sum_of = sum(total);
  if (left > 0) {
    alignas(64) float e[W];
    exp(Vec::load_n(src + whole, left) - shift).store(e);
    weighted = fma(Vec::load_n(e, left), Vec::load_n(weights + whole, left), weighted);
    for (int i = 0; i < left; ++i) sum_of += e[i];
  }
  return sum(weighted) / sum_of;
}

// The sums over a row's few numbers cost more than its exponentials: rows are transposed, and are lanes then. YOLOv8's
// boxes (16 numbers): 0.46 ms row by row, 0.25 so (AVX-512).
constexpr std::int64_t kMostTransposed = 64;  // numbers of a row

// Of as many rows as a vector has lanes.
inline Vec expectations_of_lanes(std::int64_t n, const float* weights, const float* src, std::int64_t src_step) {
  constexpr int W = Vec::kWidth;
  alignas(64) float values[kMostTransposed * W];
  Vec top = Vec::broadcast(0);
  for (std::int64_t i = 0; i < n; i += W) {
    const int count = n - i < W ? static_cast<int>(n - i) : W;
    Vec rows[W];
    for (int r = 0; r < W; ++r) {
      const float* from = src + r * src_step + i;
      rows[r] = count == W ? Vec::load(from) : Vec::load_n(from, count);
    }
    transpose(rows);
    if (i == 0) top = rows[0];
    for (int k = 0; k < count; ++k) {
      top = max(top, rows[k]);
      rows[k].store(values + (i + k) * W);
    }
  }
  Vec total = Vec::broadcast(0), weighted = Vec::broadcast(0);
  for (std::int64_t i = 0; i < n; ++i) {
    const Vec e = exp(Vec::load(values + i * W) - top);
    total = total + e;
    weighted = fma(e, Vec::broadcast(weights[i]), weighted);
  }
  return weighted / total;
}

void run_softmax_expectations(std::int64_t n, std::int64_t rows, const float* weights, const float* src,
                              std::int64_t src_step, float* dst, std::int64_t dst_step) {
  constexpr int W = Vec::kWidth;
  std::int64_t r = 0;
  for (; n <= kMostTransposed && r + W <= rows; r += W) {
    const Vec expected = expectations_of_lanes(n, weights, src + r * src_step, src_step);
    if (dst_step == 1) {
      expected.store(dst + r);
      continue;
    }
    alignas(64) float values[W];
    expected.store(values);
    for (int k = 0; k < W; ++k) dst[(r + k) * dst_step] = values[k];
  }
  for (; r < rows; ++r) dst[r * dst_step] = expectation_of_row(n, weights, src + r * src_step);
}

// `lanes` softmaxes side by side in one vector.
template <bool kPartial>
inline void softmax_lanes(std::int64_t n, int lanes, const float* src, std::int64_t src_step, float* dst,
                          std::int64_t dst_step) {
  const auto load = [&](const float* p) { return kPartial ? Vec::load_n(p, lanes) : Vec::load(p); };
  const auto store = [&](Vec v, float* p) { kPartial ? v.store_n(p, lanes) : v.store(p); };
  Vec top = load(src);
  for (std::int64_t i = 1; i < n; ++i) top = max(top, load(src + i * src_step));
  Vec total = Vec::broadcast(0);
  for (std::int64_t i = 0; i < n; ++i) {
    const Vec e = exp(load(src + i * src_step) - top);
    store(e, dst + i * dst_step);
    total = total + e;
  }
  const Vec scale = Vec::broadcast(1) / total;
  for (std::int64_t i = 0; i < n; ++i) store(load(dst + i * dst_step) * scale, dst + i * dst_step);
}

void run_softmax_columns(std::int64_t n, std::int64_t columns, const float* src, std::int64_t src_step, float* dst,
                         std::int64_t dst_step) {
  std::int64_t c = 0;
  for (; c + Vec::kWidth <= columns; c += Vec::kWidth)
    softmax_lanes<false>(n, Vec::kWidth, src + c, src_step, dst + c, dst_step);
  if (c < columns) softmax_lanes<true>(n, static_cast<int>(columns - c), src + c, src_step, dst + c, dst_step);
}

}  // namespace
}  // namespace saker
