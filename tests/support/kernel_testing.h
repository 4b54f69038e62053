// What the kernel tests share: ISA levels, random numbers, strided pictures, error bounds.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "kernels/elementwise/activation_reference.h"
#include "kernels/table.h"
#include "support/guarded.h"

namespace saker {

constexpr double kUnit = 0x1p-24;  // half an ulp of 1: the error of one rounding, relative

// Those whose float kernels differ.
inline std::vector<Isa> isas() {
  std::vector<Isa> levels = named_isas();
  std::erase_if(levels, [](Isa isa) { return !isa_supported(isa) || isa.has(Isa::kVnni); });
  return levels;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  std::int64_t one_of(const std::vector<std::int64_t>& choices) {
    return choices[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(choices.size()) - 1))];
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  float number(float low = -1, float high = 1) { return std::uniform_real_distribution<float>(low, high)(engine_); }
  std::vector<float> numbers(std::int64_t count, float low = -1, float high = 1) {
    std::vector<float> result(static_cast<std::size_t>(count));
    for (float& x : result) x = number(low, high);
    return result;
  }

 private:
  std::mt19937 engine_;
};

inline std::vector<float> magnitudes(const std::vector<float>& values) {
  std::vector<float> result;
  for (const float x : values) result.push_back(std::fabs(x));
  return result;
}

// Where the pixels of a picture lie: gaps behind each pixel, row and picture.
struct PictureLayout {
  std::int64_t batch = 1, h = 1, w = 1, channels = 1;
  ImageStrides at;
  std::int64_t size() const {  // up to the last element
    return (batch - 1) * at.n_step + (h - 1) * at.y_step + (w - 1) * at.x_step + channels;
  }
  std::int64_t index(std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) const {
    return n * at.n_step + y * at.y_step + x * at.x_step + c;
  }
};

inline PictureLayout picture_layout(Random& random, std::int64_t batch, std::int64_t h, std::int64_t w,
                                    std::int64_t channels) {
  PictureLayout layout{batch, h, w, channels, {}};
  const bool gaps = random.chance(50);
  layout.at.x_step = channels + (gaps ? random.between(0, 9) : 0);
  layout.at.y_step = layout.at.x_step * w + (gaps ? random.between(0, 9) : 0);
  layout.at.n_step = layout.at.y_step * h + (gaps ? random.between(0, 9) : 0);
  return layout;
}

// A picture of random numbers with sentinels (NaN) in the gaps: a kernel that uses them shows it.
inline GuardedFloats random_picture(Random& random, const PictureLayout& p) {
  GuardedFloats picture(p.size());
  for (std::int64_t n = 0; n < p.batch; ++n) {
    for (std::int64_t y = 0; y < p.h; ++y) {
      for (std::int64_t x = 0; x < p.w; ++x) {
        for (std::int64_t c = 0; c < p.channels; ++c)
          picture[static_cast<std::size_t>(p.index(n, y, x, c))] = random.number();
      }
    }
  }
  return picture;
}

// How far a change of the argument is amplified.
inline double slope(const Activation& activation) {
  const double alpha = std::fabs(static_cast<double>(activation.alpha));
  switch (activation.kind) {
    case ActivationKind::kLeakyRelu:
      return std::max(1.0, alpha);
    case ActivationKind::kHardSigmoid:
      return alpha;
    case ActivationKind::kHardSwish:
      return 1.5;  // at x = 3
    case ActivationKind::kSilu:
      return 1.1;  // at x = 2.4
    case ActivationKind::kSigmoid:
      return 0.25;  // at 0
    default:
      return 1;
  }
}

// exp by simd/math.inl: 3e-7 from the polynomial, |x| * 2^-23 from rounding x * log2(e), relative;
// the exponent is clamped at -126.
inline double exp_error(double x) {
  return 4e-7 + std::fabs(x) * 2 * kUnit;
}
// What an activation may be off at exactly x, where `y` is right.
inline double activation_error(const Activation& activation, double x, double y) {
  const double rounding = 4 * kUnit * std::fabs(y) + std::numeric_limits<float>::denorm_min();
  switch (activation.kind) {
    case ActivationKind::kSigmoid:
      return rounding + (exp_error(std::min(std::fabs(x), 88.0)) + 4 * kUnit) * std::fabs(y) + 0x1p-125;
    case ActivationKind::kSilu:
      // or the table of simd/silu_avx512.h
      return rounding +
             std::max(1e-6 * std::min(20 * std::fabs(x), 1.0),
                      (exp_error(std::min(std::fabs(x), 88.0)) + 4 * kUnit) * std::fabs(y)) +
             0x1p-125 * std::fabs(x);
    case ActivationKind::kHardSigmoid:
      return 4 * kUnit *
             (std::fabs(static_cast<double>(activation.alpha) * x) + std::fabs(static_cast<double>(activation.beta)));
    case ActivationKind::kHardSwish:
      // x / 6 + 1/2 is rounded twice, its factor x amplifies that while it is not clamped.
      return rounding + (std::fabs(x) < 4 ? 4 * kUnit * std::fabs(x) * (std::fabs(x) / 6 + 0.5) : 0);
    default:
      return rounding;
  }
}

inline std::vector<Activation> all_activations() {
  return {{ActivationKind::kNone, 0, 0},         {ActivationKind::kRelu, 0, 0},
          {ActivationKind::kLeakyRelu, 0.1F, 0}, {ActivationKind::kClip, -0.5F, 0.75F},
          {ActivationKind::kSigmoid, 0, 0},      {ActivationKind::kSilu, 0, 0},
          {ActivationKind::kHardSwish, 0, 0},    {ActivationKind::kHardSigmoid, 0.2F, 0.5F}};
}

}  // namespace saker
