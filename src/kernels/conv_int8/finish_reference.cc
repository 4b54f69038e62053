#include "kernels/conv_int8/finish_reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/simd/silu_quartics.h"

namespace saker {
namespace {

float silu(float x) {
  const float t = std::min(std::fabs(x), kSiluQuarticsLimit);
  const float rounded = std::fma(t, kSiluQuarticsPerUnit, kSiluRounder);
  std::uint32_t bits;
  std::memcpy(&bits, &rounded, sizeof bits);
  const std::uint32_t i = bits & (kSiluSegments - 1);
  float g = kSiluQuartics[kSiluDegree][i];
  for (int power = kSiluDegree - 1; power >= 0; --power) g = std::fma(g, t, kSiluQuartics[power][i]);
  return std::max(x, 0.0F) - g;
}

}  // namespace

float int8_activation_reference(const Activation& activation, float x) {
  switch (activation.kind) {
    case ActivationKind::kRelu:
      return std::max(x, 0.0F);
    case ActivationKind::kLeakyRelu:
      return x < 0 ? activation.alpha * x : x;
    case ActivationKind::kClip:
      return std::min(std::max(x, activation.alpha), activation.beta);
    case ActivationKind::kSilu:
      return silu(x);
    case ActivationKind::kHardSwish:
      return x * std::min(std::max(std::fma(x, 1.0F / 6, 0.5F), 0.0F), 1.0F);
    default:  // the others are not applied here (int8_can_apply)
      return x;
  }
}

std::uint8_t byte_reference(float v) {
  return static_cast<std::uint8_t>(std::nearbyint(std::min(std::max(v, 0.0F), 255.0F)));
}

void finish_reference(const ConvInt8Args& args, std::int32_t sum, std::int64_t n, std::int64_t y, std::int64_t x,
                      std::int64_t o) {
  const Int8Finish& f = args.finish;
  float v = int8_activation_reference(args.activation, std::fma(static_cast<float>(sum), f.multiplier[o], f.bias[o]));
  if (f.out_scale != nullptr) v = std::fma(v, f.out_scale[o], f.out_offset[o]);
  const auto index = [&](const ImageStrides& at) { return n * at.n_step + y * at.y_step + x * at.x_step + o; };
  if (args.residual_bytes != nullptr) {
    v = std::fma(static_cast<float>(args.residual_bytes[index(args.residual_at)]), f.residual_scale[o], v);
  }
  if (args.dst_bytes == nullptr) {
    args.dst[index(args.dst_at)] = v;
    return;
  }
  const std::uint8_t byte = byte_reference(v);
  args.dst_bytes[index(args.dst_at)] = args.table == nullptr ? byte : args.table[byte];
}

}  // namespace saker
