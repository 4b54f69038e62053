// Formulas: https://onnx.ai/onnx/operators/
#include "graph/ops/functions.h"

#include <numbers>

#include "base/activation_math.h"

namespace saker::ops {
namespace {

struct Entry {
  Op op;
  Function f;
};

double gelu(double x, double, double) {
  return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
}
double gelu_by_tanh(double x, double, double) {
  const double slope = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // sqrt(2 / pi)
  return 0.5 * x * (1 + std::tanh(slope * (x + 0.044715 * x * x * x)));
}
// log(1 + e^x), which must not overflow.
double softplus(double x, double, double) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

constexpr Entry kFunctions[] = {
    {Op::kAcos, [](double x, double, double) { return std::acos(x); }},
    {Op::kAcosh, [](double x, double, double) { return std::acosh(x); }},
    {Op::kAsin, [](double x, double, double) { return std::asin(x); }},
    {Op::kAsinh, [](double x, double, double) { return std::asinh(x); }},
    {Op::kAtan, [](double x, double, double) { return std::atan(x); }},
    {Op::kAtanh, [](double x, double, double) { return std::atanh(x); }},
    {Op::kCeil, [](double x, double, double) { return std::ceil(x); }},
    {Op::kCelu, [](double x, double a, double) { return x < 0 ? a * std::expm1(x / a) : x; }},
    {Op::kCos, [](double x, double, double) { return std::cos(x); }},
    {Op::kCosh, [](double x, double, double) { return std::cosh(x); }},
    {Op::kElu, [](double x, double a, double) { return x < 0 ? a * std::expm1(x) : x; }},
    {Op::kErf, [](double x, double, double) { return std::erf(x); }},
    {Op::kExp, [](double x, double, double) { return std::exp(x); }},
    {Op::kFloor, [](double x, double, double) { return std::floor(x); }},
    {Op::kHardSigmoid, hard_sigmoid},
    {Op::kHardSwish, [](double x, double, double) { return hard_swish(x); }},
    {Op::kLeakyRelu, [](double x, double a, double) { return leaky_relu(x, a); }},
    {Op::kLog, [](double x, double, double) { return std::log(x); }},
    {Op::kRound, [](double x, double, double) { return std::nearbyint(x); }},  // half to even
    {Op::kSelu, [](double x, double a, double b) { return x > 0 ? b * x : b * a * std::expm1(x); }},
    {Op::kSigmoid, [](double x, double, double) { return sigmoid(x); }},
    {Op::kSilu, [](double x, double, double) { return silu(x); }},
    {Op::kSin, [](double x, double, double) { return std::sin(x); }},
    {Op::kSinh, [](double x, double, double) { return std::sinh(x); }},
    {Op::kSoftplus, softplus},
    {Op::kSoftsign, [](double x, double, double) { return x / (1 + std::abs(x)); }},
    {Op::kSqrt, [](double x, double, double) { return std::sqrt(x); }},
    {Op::kTan, [](double x, double, double) { return std::tan(x); }},
    {Op::kTanh, [](double x, double, double) { return std::tanh(x); }},
    {Op::kThresholdedRelu, [](double x, double a, double) { return x > a ? x : 0; }},
};

}  // namespace

NodeFunction function_of(const Node& node) {
  if (const auto* gelu_attrs = std::get_if<GeluAttrs>(&node.attrs))
    return {gelu_attrs->by_tanh ? gelu_by_tanh : gelu, 0, 0};
  NodeFunction function;
  for (const Entry& entry : kFunctions) {
    if (entry.op == node.op) function.f = entry.f;
  }
  const auto set = [&](float a, float b) {
    function.a = static_cast<double>(a);
    function.b = static_cast<double>(b);
  };
  if (const auto* leaky = std::get_if<LeakyReluAttrs>(&node.attrs)) set(leaky->alpha, 0);
  if (const auto* hard = std::get_if<HardSigmoidAttrs>(&node.attrs)) set(hard->alpha, hard->beta);
  if (const auto* alpha = std::get_if<AlphaAttrs>(&node.attrs)) set(alpha->alpha, 0);
  if (const auto* selu = std::get_if<SeluAttrs>(&node.attrs)) set(selu->alpha, selu->gamma);
  return function;
}

}  // namespace saker::ops
