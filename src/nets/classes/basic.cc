// Convolutions, and layers that join or pick from others.
#include <array>
#include <numeric>

#include "nets/classes/classes.h"

namespace saker::nets {
namespace {

// Kernel, stride and padding from three arguments on.
ConvPlan plan_of(const Site& site, std::size_t first) {
  Arguments& a = site.arguments;
  ConvPlan plan{.in = site.in(), .out = site.out};
  plan.kernel = a.whole(first, 1, 1, kMaxKernel);
  plan.stride = a.whole(first + 1, 1, 1, kMaxKernel);
  plan.pad = a.whole(first + 2, ConvPlan::kSame, 0, kMaxKernel);
  return plan;
}

void set_groups(const Site& site, ConvPlan& plan, std::size_t at) {
  plan.groups = site.arguments.whole(at, 1);
  if (plan.in % plan.groups == 0 && plan.out % plan.groups == 0) return;
  site.arguments.refuse("its groups do not divide its channels");
  plan.groups = 1;
}

double shrink_of(const ConvPlan& plan) {
  return static_cast<double>(plan.stride.height);
}

// kernel, stride, padding, groups, dilation, activation
Made conv(const Site& site) {
  ConvPlan plan = plan_of(site, 0);
  set_groups(site, plan, 3);
  plan.dilation = site.arguments.whole(4, 1, 1, kMaxKernel);
  return {make_conv(site.style, plan, site.arguments.flag(5, true)), site.out, shrink_of(plan)};
}

// kernel, stride, dilation, activation
Made depthwise(const Site& site) {
  Arguments& a = site.arguments;
  ConvPlan plan{.in = site.in(), .out = site.out};
  plan.kernel = a.whole(0, 1, 1, kMaxKernel);
  plan.stride = a.whole(1, 1, 1, kMaxKernel);
  plan.dilation = a.whole(2, 1, 1, kMaxKernel);
  plan.groups = std::gcd(plan.in, plan.out);
  return {make_conv(site.style, plan, a.flag(3, true), "DWConv"), site.out, shrink_of(plan)};
}

// kernel, stride, padding, groups
Made focus(const Site& site) {
  ConvPlan plan = plan_of(site, 0);
  plan.in *= 4;
  set_groups(site, plan, 3);
  Module module = make_module(site.style, "Focus");
  add_part(module, "conv", make_conv(site.style, plan));
  return {std::move(module), site.out, 2 * shrink_of(plan)};
}

// kernel, stride, padding
Made transposed(const Site& site) {
  ConvPlan plan = plan_of(site, 0);
  if (plan.pad.height == ConvPlan::kSame) plan.pad = 0;
  Module module = make_convolution(site.style, plan, true);
  const Module type = make_module(site.style, "ConvTranspose2d");
  module.type = type.type;
  module.class_path = type.class_path;
  module.attributes["transposed"] = true;
  return {std::move(module), site.out, 1 / shrink_of(plan)};
}

// kernel, stride: one across the channels, one of each
Made sc_down(const Site& site) {
  const std::int64_t kernel = site.arguments.whole(0, 1, 1, kMaxKernel);
  const std::int64_t stride = site.arguments.whole(1, 1, 1, kMaxKernel);
  Module module = make_module(site.style, "SCDown");
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = site.out}));
  const ConvPlan each{.in = site.out, .out = site.out, .kernel = kernel, .stride = stride, .groups = site.out};
  add_part(module, "cv2", make_conv(site.style, each, false));
  return {std::move(module), site.out, static_cast<double>(stride)};
}

Made concat(const Site& site) {
  Made made{make_module(site.style, "Concat")};
  made.module.attributes["d"] = site.arguments.whole(0, 1, 1, 1);
  for (const Source& input : site.inputs) {
    made.channels += input.channels;
    if (input.cell != site.inputs.front().cell) site.arguments.refuse("it joins maps of different sizes");
  }
  return made;
}

// The channels of each part, kernel, stride, padding
Made cb_linear(const Site& site) {
  const std::vector<std::int64_t> parts = site.arguments.wholes(0, {});
  const std::int64_t all = std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  if (all < 1 || all > kMaxChannels) site.arguments.refuse("the channels of its parts are missing, or too many");
  ConvPlan plan = plan_of(site, 1);
  plan.out = all;
  Module module = make_module(site.style, "CBLinear");
  module.attributes["c2s"] = parts;
  add_part(module, "conv", make_convolution(site.style, plan, true));
  return {std::move(module), all, shrink_of(plan)};
}

// Which part of each input but the last
Made cb_fuse(const Site& site) {
  Made made{make_module(site.style, "CBFuse")};
  made.module.attributes["idx"] = site.arguments.wholes(0, {});
  made.channels = site.inputs.back().channels;
  made.shrink = site.inputs.back().cell / site.inputs.front().cell;
  return made;
}

Made identity(const Site& site) {
  return {make_module(site.style, "Identity"), site.in()};
}

constexpr auto kClasses = std::to_array<ClassEntry>({
    {"CBFuse", cb_fuse},
    {"CBLinear", cb_linear},
    {"Concat", concat},
    {"Conv", conv, true},
    {"ConvTranspose2d", transposed, true},
    {"DWConv", depthwise, true},
    {"Focus", focus, true},
    {"Identity", identity},
    {"SCDown", sc_down, true},
});

}  // namespace

std::span<const ClassEntry> basic_classes() {
  return kClasses;
}

}  // namespace saker::nets
