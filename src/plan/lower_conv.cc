// Conv and ConvInt8: the method with the lowest estimated cost, unless the caller knows better.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "plan/conv_key.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

constexpr std::array kMethods = {
    &kConvBf16,       &kConvBf16Tiles, &kConvDepthwise,     &kConvWinograd,    &kConvWinogradStride2,
    &kConvDirect,     &kConvSparse,    &kConvInt8Depthwise, &kConvInt8Direct,  &kConvInt8Pairs,
    &kConvInt8Sparse, &kConvInt8Tiles, &kConvInt8Triples,   &kConvInt8Winograd};

// The method's name, or empty.
std::string told_method(const PlanOptions& options, const ConvNode& conv) {
  const auto& methods = options.base ? options.base->conv_methods : options.conv_methods;
  const auto told = methods.find(options.base ? conv_key_of_one(conv) : conv_key(conv));
  return told == methods.end() ? "" : told->second;
}

}  // namespace

std::span<const ConvMethod* const> conv_methods() {
  return kMethods;
}

std::vector<const ConvMethod*> usable_conv_methods(const PlanOptions& options, const ConvNode& conv) {
  std::vector<const ConvMethod*> usable;
  for (const ConvMethod* method : kMethods) {
    if (method->op == conv.op() && method->refusal(options, conv).empty()) usable.push_back(method);
  }
  return usable;
}

const ConvMethod* choose_conv_method(const PlanOptions& options, const ConvNode& conv) {
  const std::string told = told_method(options, conv);
  const ConvMethod* best = nullptr;
  double best_cost = 0;
  for (const ConvMethod* method : usable_conv_methods(options, conv)) {
    if (told == method->name) return method;
    const double cost = method->cost(kernels_for(options.isa), conv);
    if (best != nullptr && cost >= best_cost) continue;
    best = method;
    best_cost = cost;
  }
  return best;
}

std::string refusal_of_depthwise(const ConvNode& conv) {
  if (conv.is_depthwise()) return "";
  return fmt::format("it takes one input and one output channel a group, here {} and {} in {} groups", conv.shape.in_c,
                     conv.shape.out_c, conv.groups);
}

std::string refusal_of_3x3(const ConvNode& conv, std::int64_t stride) {
  const ConvShape& s = conv.shape;
  if (s.kernel_h != 3 || s.kernel_w != 3) return fmt::format("it is for 3x3, not {}x{}", s.kernel_h, s.kernel_w);
  if (s.stride_h != stride || s.stride_w != stride)
    return fmt::format("it is for stride {}, not {}x{}", stride, s.stride_h, s.stride_w);
  if (s.dilation_h != 1 || s.dilation_w != 1) return "it is for dilation 1";
  if (conv.groups != 1) return fmt::format("it is for one group, not {}", conv.groups);
  return "";
}

Result<bool> lower_conv(Planner& planner, const Node& node) {
  ConvNode conv;
  SAKER_ASSIGN(const std::string reason, describe_conv(planner.graph(), node, conv));
  const PlanOptions& options = planner.options();
  const Kernels& kernels = planner.kernels();
  const ConvMethod* best = reason.empty() ? choose_conv_method(options, conv) : nullptr;
  const double least = best == nullptr ? 0 : best->cost(kernels, conv);
  for (const ConvMethod* method : kMethods) {
    if (method == best || method->op != node.op) continue;
    std::string why = reason.empty() ? method->refusal(options, conv) : reason;
    if (why.empty()) {
      const double times = method->cost(kernels, conv) / least;
      why = times < 1 ? fmt::format("{} was asked for or measured faster", best->name)
                      : fmt::format("estimated {:.1f} times as slow", times);
    }
    planner.refuse(method->kernel(kernels), std::move(why));
  }
  if (best == nullptr) return false;
  planner.choose(*best, conv_key_of_one(conv));
  SAKER_TRY(best->lower(planner, node, conv));
  return true;
}

}  // namespace saker
