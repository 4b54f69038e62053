// Vec for the baseline level: 4 floats by GCC's portable vectors (SSE2 on x86-64).
// Only for kernel files: everything is in an anonymous namespace (see cmake/isa.cmake).
#pragma once

#include <cstdint>
#include <cstring>

namespace saker {
namespace {

struct Vec {
  static constexpr int kWidth = 4;
  static constexpr int kRegisters = 16;
  static constexpr bool kSiluByTable = false;
  typedef float Native __attribute__((vector_size(16)));
  typedef std::int32_t NativeInt __attribute__((vector_size(16)));
  Native v;

  static inline Vec broadcast(float x) { return {Native{x, x, x, x}}; }
  static inline Vec load(const float* p) {
    Vec r;
    std::memcpy(&r.v, p, 16);
    return r;
  }
  // The first n < kWidth elements; zeros behind them.
  static inline Vec load_n(const float* p, int n) {
    Vec r = broadcast(0);
    std::memcpy(&r.v, p, static_cast<std::size_t>(n) * 4);
    return r;
  }
  inline void store(float* p) const { std::memcpy(p, &v, 16); }
  inline void store_n(float* p, int n) const { std::memcpy(p, &v, static_cast<std::size_t>(n) * 4); }
};

inline Vec operator+(Vec a, Vec b) {
  return {a.v + b.v};
}
inline Vec operator-(Vec a, Vec b) {
  return {a.v - b.v};
}
inline Vec operator*(Vec a, Vec b) {
  return {a.v * b.v};
}
inline Vec operator/(Vec a, Vec b) {
  return {a.v / b.v};
}
inline Vec fma(Vec a, Vec b, Vec c) {
  return {a.v * b.v + c.v};
}
inline Vec min(Vec a, Vec b) {
  return {a.v < b.v ? a.v : b.v};
}
inline Vec max(Vec a, Vec b) {
  return {a.v > b.v ? a.v : b.v};
}
inline Vec reciprocal(Vec a) {
  return Vec::broadcast(1) / a;
}
// x < 0 ? a : b
inline Vec select_negative(Vec x, Vec a, Vec b) {
  return {x.v < 0 ? a.v : b.v};
}
// max(floor(x), -126) for x < 2^22
inline Vec clamped_floor(Vec x) {
  x = max(x, Vec::broadcast(-126));
  const Vec magic = Vec::broadcast(12582912.0F);  // 1.5 * 2^23: adding it rounds to nearest even
  Vec r = x + magic;
  asm("" : "+x"(r.v));  // keeps the addition and the subtraction apart
  r = r - magic;
  return {r.v > x.v ? r.v - 1.0F : r.v};
}
// x - floor(x), of x below -126 as of -126.
inline Vec fraction(Vec x) {
  return max(x, Vec::broadcast(-126)) - clamped_floor(x);
}
// p * 2^floor(x), 0 <= p <= 2; x below -126 counts as -126.
inline Vec scale_by_floor(Vec p, Vec x) {
  const Vec::NativeInt exponent = (__builtin_convertvector(clamped_floor(x).v, Vec::NativeInt) + 127) << 23;
  Vec r;
  std::memcpy(&r.v, &exponent, 16);
  return p * r;
}
inline float sum(Vec a) {
  return (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]);
}
inline float highest(Vec a) {
  const float x = a.v[0] > a.v[1] ? a.v[0] : a.v[1];
  const float y = a.v[2] > a.v[3] ? a.v[2] : a.v[3];
  return x > y ? x : y;
}

}  // namespace
}  // namespace saker
