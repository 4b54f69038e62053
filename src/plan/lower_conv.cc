// Conv: the method with the lowest estimated cost, unless the caller knows better.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "graph/printer.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

constexpr std::array kMethods = {&kConvDepthwise, &kConvWinograd, &kConvDirect};

std::string steps(std::string_view name, std::int64_t h, std::int64_t w) {
  return h == w ? fmt::format(" {} {}", name, h) : fmt::format(" {} {}x{}", name, h, w);
}

}  // namespace

std::span<const ConvMethod* const> conv_methods() {
  return kMethods;
}

std::string conv_key(const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  std::string key = s.batch == 1 ? "" : fmt::format("{}x", s.batch);
  key += fmt::format("{}x{}x{} to {}, {}x{}", s.in_c * conv.groups, s.in_h, s.in_w, s.out_c * conv.groups, s.kernel_h,
                     s.kernel_w);
  key += steps("stride", s.stride_h, s.stride_w);
  key += steps("pad", s.pad_top, s.pad_left);
  if (s.dilation_h != 1 || s.dilation_w != 1) key += steps("dilation", s.dilation_h, s.dilation_w);
  if (conv.groups != 1) key += fmt::format(" groups {}", conv.groups);
  if (conv.activation.kind != ActivationKind::kNone) key += fmt::format(" {}", activation_name(conv.activation.kind));
  return key;
}

Result<bool> lower_conv(Planner& planner, const Node& node) {
  ConvNode conv;
  SAKER_ASSIGN(const std::string reason, describe_conv(planner, node, conv));
  const PlanOptions& options = planner.options();
  const auto told = options.conv_methods.find(conv_key(conv));
  const ConvMethod* best = nullptr;
  double best_cost = 0;
  const auto cost_of = [&](const ConvMethod& method) {
    const bool wanted = told != options.conv_methods.end() && told->second == method.name;
    return wanted ? 0 : method.cost(planner.kernels(), conv);
  };
  for (const ConvMethod* method : kMethods) {
    if (!reason.empty() || !method->refusal(options, conv).empty()) continue;
    const double cost = cost_of(*method);
    if (best != nullptr && cost >= best_cost) continue;
    best = method;
    best_cost = cost;
  }
  for (const ConvMethod* method : kMethods) {
    if (method == best) continue;
    std::string why = reason.empty() ? method->refusal(options, conv) : reason;
    if (why.empty()) {
      why = best_cost == 0 ? fmt::format("{} was asked for or measured faster", best->name)
                           : fmt::format("estimated {:.1f} times as slow", cost_of(*method) / best_cost);
    }
    planner.refuse(method->kernel(planner.kernels()), std::move(why));
  }
  if (best == nullptr) return false;
  SAKER_TRY(best->lower(planner, node, conv));
  return true;
}

}  // namespace saker
