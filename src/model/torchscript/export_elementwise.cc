// Elementwise operators.
#include <algorithm>
#include <array>

#include "base/try.h"
#include "graph/ops/common.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

struct Plain {
  Op op;
  const char* expression;
};

constexpr auto kPlain = std::to_array<Plain>({
    {Op::kAbs, "torch.abs({0})"},
    {Op::kAcos, "torch.acos({0})"},
    {Op::kAcosh, "torch.acosh({0})"},
    {Op::kAdd, "torch.add({0}, {1})"},
    {Op::kAnd, "torch.logical_and({0}, {1})"},
    {Op::kAsin, "torch.asin({0})"},
    {Op::kAsinh, "torch.asinh({0})"},
    {Op::kAtan, "torch.atan({0})"},
    {Op::kAtanh, "torch.atanh({0})"},
    {Op::kBitwiseAnd, "torch.bitwise_and({0}, {1})"},
    {Op::kBitwiseNot, "torch.bitwise_not({0})"},
    {Op::kBitwiseOr, "torch.bitwise_or({0}, {1})"},
    {Op::kBitwiseXor, "torch.bitwise_xor({0}, {1})"},
    {Op::kCeil, "torch.ceil({0})"},
    {Op::kCos, "torch.cos({0})"},
    {Op::kCosh, "torch.cosh({0})"},
    {Op::kEqual, "torch.eq({0}, {1})"},
    {Op::kErf, "torch.erf({0})"},
    {Op::kExp, "torch.exp({0})"},
    {Op::kFloor, "torch.floor({0})"},
    {Op::kGreater, "torch.gt({0}, {1})"},
    {Op::kGreaterOrEqual, "torch.ge({0}, {1})"},
    {Op::kHardSwish, "torch.hardswish({0})"},
    {Op::kIdentity, "{0}"},
    {Op::kIsNaN, "torch.isnan({0})"},
    {Op::kLog, "torch.log({0})"},
    {Op::kMatMul, "torch.matmul({0}, {1})"},
    {Op::kMul, "torch.mul({0}, {1})"},
    {Op::kNot, "torch.logical_not({0})"},
    {Op::kOr, "torch.logical_or({0}, {1})"},
    {Op::kPRelu, "torch.where(torch.lt({0}, 0), torch.mul({0}, {1}), {0})"},
    {Op::kRelu, "torch.relu({0})"},
    {Op::kRound, "torch.round({0})"},  // half to even, as ONNX
    {Op::kSigmoid, "torch.sigmoid({0})"},
    {Op::kSign, "torch.sign({0})"},
    {Op::kSilu, "torch.silu({0})"},
    {Op::kSin, "torch.sin({0})"},
    {Op::kSinh, "torch.sinh({0})"},
    {Op::kSoftplus, "torch.softplus({0})"},
    {Op::kSoftsign, "torch.div({0}, torch.add(torch.abs({0}), 1))"},
    {Op::kSqrt, "torch.sqrt({0})"},
    {Op::kSub, "torch.sub({0}, {1})"},
    {Op::kTan, "torch.tan({0})"},
    {Op::kTanh, "torch.tanh({0})"},
    {Op::kWhere, "torch.where({0}, {1}, {2})"},
    {Op::kXor, "torch.logical_xor({0}, {1})"},
});

bool is_float(DType dtype) {
  return ops::contains(ops::kFloatTypes, dtype);
}

}  // namespace

const char* plain_expression(Op op) {
  const auto found = std::ranges::find(kPlain, op, &Plain::op);
  return found == kPlain.end() ? nullptr : found->expression;
}

Status add_activation(ScriptNode& n) {
  const std::string x = n.in(0);
  if (const auto* alpha = std::get_if<AlphaAttrs>(&n.node().attrs)) {
    const std::string number = literal(double{alpha->alpha});
    n.assign(n.op() == Op::kCelu  ? call("celu", x, number)
             : n.op() == Op::kElu ? call("elu", x, number)
                                  : call("threshold", x, number, "0."));
  } else if (const auto* leaky = std::get_if<LeakyReluAttrs>(&n.node().attrs)) {
    n.assign(call("leaky_relu", x, literal(double{leaky->alpha})));
  } else if (const auto* gelu = std::get_if<GeluAttrs>(&n.node().attrs)) {
    n.assign(call("gelu", x, gelu->by_tanh ? "approximate=\"tanh\"" : "approximate=\"none\""));
  } else if (const auto* hard = std::get_if<HardSigmoidAttrs>(&n.node().attrs)) {
    const std::string line = call("add", call("mul", x, literal(double{hard->alpha})), literal(double{hard->beta}));
    n.assign(call("clamp", line, "0", "1"));
  } else {  // gamma * (x for x > 0, alpha * exp(x) - alpha below)
    const auto& selu = n.as<SeluAttrs>();
    n.assign(call("elu", x, literal(double{selu.alpha}), literal(double{selu.gamma})));
  }
  return {};
}

Status add_cast(ScriptNode& n) {
  const auto type = scalar_type(n.as<CastAttrs>().to);
  if (!type) return unsupported("its element type");
  n.assign(call("to", n.in(0), literal(std::int64_t{*type})));
  return {};
}

Status add_clip(ScriptNode& n) {
  n.assign(n.has(1) || n.has(2) ? call("clamp", n.in(0), n.in(1), n.in(2)) : n.in(0));
  return {};
}

// Integers are cut off towards zero.
Status add_div(ScriptNode& n) {
  n.assign(is_float(n.dtype(0)) ? call("div", n.in(0), n.in(1))
                                : call("div", n.in(0), n.in(1), "rounding_mode=\"trunc\""));
  return {};
}

Status add_max_min(ScriptNode& n) {
  std::string all = n.in(0);
  for (std::size_t i = 1; i < n.input_count(); ++i)
    all = call(n.op() == Op::kMax ? "maximum" : "minimum", all, n.in(i));
  n.assign(all);
  return {};
}

// The sign is the divisor's, or with fmod the dividend's.
Status add_mod(ScriptNode& n) {
  n.assign(call(n.as<ModAttrs>().fmod ? "fmod" : "remainder", n.in(0), n.in(1)));
  return {};
}

Status add_pow(ScriptNode& n) {
  if (n.dtype(0) != n.dtype(1)) return unsupported("an exponent of another element type");
  n.assign(call("pow", n.in(0), n.in(1)));
  return {};
}

}  // namespace saker::torchscript
