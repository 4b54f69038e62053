// Bottlenecks, and the blocks that send a part of the channels around them.
#include <array>

#include "nets/classes/classes.h"

namespace saker::nets {

namespace {

std::int64_t share_of(std::int64_t channels, double expansion) {
  return static_cast<std::int64_t>(static_cast<double>(channels) * expansion);
}

// Where it is SiLU whatever the rest has.
Module own_silu(const Style& style) {
  Module act = make_module(style, "SiLU");
  act.attributes["inplace"] = !style.ultralytics;
  return act;
}

}  // namespace

Module make_bottleneck(const Style& style, std::int64_t in, std::int64_t out, bool shortcut, std::int64_t groups,
                       Sides first, Sides second, double expansion) {
  const std::int64_t hidden = share_of(out, expansion);
  Module module = make_module(style, "Bottleneck");
  module.attributes["add"] = shortcut && in == out;
  add_part(module, "cv1", make_conv(style, {.in = in, .out = hidden, .kernel = first}));
  add_part(module, "cv2", make_conv(style, {.in = hidden, .out = out, .kernel = second, .groups = groups}));
  return module;
}

Module make_csp3(const Style& style, std::string_view type, std::int64_t in, std::int64_t out, std::int64_t hidden,
                 std::vector<Module> blocks) {
  Module module = make_module(style, type);
  add_part(module, "cv1", make_conv(style, {.in = in, .out = hidden}));
  add_part(module, "cv2", make_conv(style, {.in = in, .out = hidden}));
  add_part(module, "cv3", make_conv(style, {.in = 2 * hidden, .out = out}));
  add_part(module, "m", make_list(style, "Sequential", std::move(blocks)));
  return module;
}

Module make_c3k(const Style& style, std::int64_t channels, bool shortcut, std::int64_t groups) {
  const std::int64_t hidden = channels / 2;
  std::vector<Module> blocks(2, make_bottleneck(style, hidden, hidden, shortcut, groups, 3, 3, 1));
  return make_csp3(style, "C3k", channels, channels, hidden, std::move(blocks));
}

namespace {

// The arguments that most of these have behind their channels: shortcut, groups, expansion.
struct Common {
  bool shortcut = true;
  std::int64_t groups = 1;
  double expansion = 0.5;
  std::int64_t hidden = 0;
};

void set_hidden(const Site& site, Common& c) {
  c.hidden = share_of(site.out, c.expansion);
  if (c.hidden >= 1 && c.hidden <= kMaxChannels && c.hidden % c.groups == 0) return;
  site.arguments.refuse("its expansion or its groups do not fit its channels");
  c.hidden = site.out;
  c.groups = 1;
}

Common common(const Site& site, bool shortcut) {
  Arguments& a = site.arguments;
  Common c;
  c.shortcut = a.flag(0, shortcut);
  c.groups = a.whole(1, 1);
  c.expansion = a.number(2, 0.5, 0, 4);
  set_hidden(site, c);
  return c;
}

std::vector<Module> times(std::int64_t n, const Module& block) {
  return std::vector<Module>(static_cast<std::size_t>(n), block);
}

// Kernels of a bottleneck that stands alone: YOLOv5 1 and 3, Ultralytics 3 and 3.
Sides first_kernel(const Style& style) {
  return style.ultralytics ? 3 : 1;
}

Module plain_bottleneck(const Style& style, std::int64_t channels, const Common& c, double expansion) {
  return make_bottleneck(style, channels, channels, c.shortcut, c.groups, first_kernel(style), 3, expansion);
}

Made bottleneck(const Site& site) {
  Arguments& a = site.arguments;
  Common c;
  c.shortcut = a.flag(0, true);
  c.groups = a.whole(1, 1);
  const std::vector<std::int64_t> kernels =
      a.wholes(site.style.ultralytics ? 2 : 9, {first_kernel(site.style).height, 3});
  c.expansion = a.number(site.style.ultralytics ? 3 : 2, 0.5, 0, 4);
  set_hidden(site, c);
  if (kernels.size() != 2 || kernels[0] % 2 == 0 || kernels[1] % 2 == 0 || site.out % c.groups != 0) {
    a.refuse("its kernels are not two odd numbers, or its groups do not divide its channels");
    return {};
  }
  return {make_bottleneck(site.style, site.in(), site.out, c.shortcut, c.groups, kernels[0], kernels[1], c.expansion),
          site.out};
}

// The convolutions behind the branches have no normalization of their own.
Made bottleneck_csp(const Site& site) {
  const Common c = common(site, true);
  const Style& style = site.style;
  Module module = make_module(style, "BottleneckCSP");
  add_part(module, "cv1", make_conv(style, {.in = site.in(), .out = c.hidden}));
  add_part(module, "cv2", make_convolution(style, {.in = site.in(), .out = c.hidden}, false));
  add_part(module, "cv3", make_convolution(style, {.in = c.hidden, .out = c.hidden}, false));
  add_part(module, "cv4", make_conv(style, {.in = 2 * c.hidden, .out = site.out}));
  add_part(module, "bn", make_batch_norm(style, 2 * c.hidden));
  add_part(module, "act", own_silu(style));
  add_part(module, "m", make_list(style, "Sequential", times(site.repeats, plain_bottleneck(style, c.hidden, c, 1))));
  return {std::move(module), site.out};
}

Made c3(const Site& site) {
  const Common c = common(site, true);
  const Module block = make_bottleneck(site.style, c.hidden, c.hidden, c.shortcut, c.groups, 1, 3, 1);
  return {make_csp3(site.style, "C3", site.in(), site.out, c.hidden, times(site.repeats, block)), site.out};
}

Module cross(const Style& style, const std::string& type, std::int64_t in, std::int64_t out, std::int64_t hidden,
             bool shortcut, std::int64_t groups, std::int64_t kernel, std::int64_t stride) {
  Module module = make_module(style, type);
  module.attributes["add"] = shortcut && in == out;
  add_part(module, "cv1",
           make_conv(style, {.in = in, .out = hidden, .kernel = Sides(1, kernel), .stride = Sides(1, stride)}));
  add_part(
      module, "cv2",
      make_conv(style,
                {.in = hidden, .out = out, .kernel = Sides(kernel, 1), .stride = Sides(stride, 1), .groups = groups}));
  return module;
}

// Rows, then columns.
Made c3x(const Site& site) {
  const Common c = common(site, true);
  const char* type = site.style.ultralytics ? "Bottleneck" : "CrossConv";
  const Module block = cross(site.style, type, c.hidden, c.hidden, c.hidden, c.shortcut, c.groups, 3, 1);
  Module module = make_csp3(site.style, "C3x", site.in(), site.out, c.hidden, times(site.repeats, block));
  if (site.style.ultralytics) module.attributes["c_"] = c.hidden;
  return {std::move(module), site.out};
}

// kernel, stride, groups, expansion, shortcut
Made cross_conv(const Site& site) {
  Arguments& a = site.arguments;
  const std::int64_t kernel = a.whole(0, 3, 1, 63), stride = a.whole(1, 1, 1, 63);
  Common c;
  c.groups = a.whole(2, 1);
  c.expansion = a.number(3, 1, 0, 4);
  set_hidden(site, c);
  return {cross(site.style, "CrossConv", site.in(), site.out, c.hidden, a.flag(4, false), c.groups, kernel, stride),
          site.out, static_cast<double>(stride)};
}

// C2f, C3k2, C2fCIB: the halves of the first part, and each block behind the one before it.
Module csp2(const Site& site, std::string_view type, std::int64_t hidden, const Module& block) {
  Module module = make_module(site.style, type);
  module.attributes["c"] = hidden;
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = 2 * hidden}));
  add_part(module, "cv2", make_conv(site.style, {.in = (2 + site.repeats) * hidden, .out = site.out}));
  add_part(module, "m", make_list(site.style, "ModuleList", times(site.repeats, block)));
  return module;
}

Made c2f(const Site& site) {
  const Common c = common(site, false);
  const Module block = make_bottleneck(site.style, c.hidden, c.hidden, c.shortcut, c.groups, 3, 3, 1);
  return {csp2(site, "C2f", c.hidden, block), site.out};
}

// whether its blocks are C3k (in scales m, l and x: always), expansion, whether they end in attention, groups, shortcut
Made c3k2(const Site& site) {
  Arguments& a = site.arguments;
  const bool deep = a.flag(0, false) || site.large, attends = a.flag(2, false);
  Common c;
  c.expansion = a.number(1, 0.5, 0, 4);
  c.groups = a.whole(3, 1);
  c.shortcut = a.flag(4, true);
  set_hidden(site, c);
  if (c.hidden / 2 % c.groups != 0) a.refuse("its groups do not divide its channels");
  const Style& style = site.style;
  Module block;
  if (attends) {
    block =
        make_list(style, "Sequential", {plain_bottleneck(style, c.hidden, c, 0.5), make_psa_block(style, c.hidden)});
  } else {
    block = deep ? make_c3k(style, c.hidden, c.shortcut, c.groups) : plain_bottleneck(style, c.hidden, c, 0.5);
  }
  return {csp2(site, "C3k2", c.hidden, block), site.out};
}

ConvPlan each_channel(std::int64_t channels, std::int64_t kernel) {
  return {.in = channels, .out = channels, .kernel = kernel, .groups = channels};
}

Module rep_vgg_depthwise(const Style& style, std::int64_t channels) {
  Module module = make_module(style, "RepVGGDW");
  module.attributes["dim"] = channels;
  add_part(module, "conv", make_conv(style, each_channel(channels, 7), false));
  add_part(module, "conv1", make_conv(style, each_channel(channels, 3), false));
  add_part(module, "act", own_silu(style));
  return module;
}

// shortcut, whether with kernels of 7, groups, expansion
Made c2f_cib(const Site& site) {
  Arguments& a = site.arguments;
  Common c;
  c.shortcut = a.flag(0, false);
  const bool large_kernels = a.flag(1, false);
  c.expansion = a.number(3, 0.5, 0, 4);
  set_hidden(site, c);
  const Style& style = site.style;
  const std::int64_t n = c.hidden;
  Module block = make_module(style, "CIB");
  block.attributes["add"] = c.shortcut;
  add_part(block, "cv1",
           make_list(style, "Sequential",
                     {make_conv(style, each_channel(n, 3)), make_conv(style, {.in = n, .out = 2 * n}),
                      large_kernels ? rep_vgg_depthwise(style, 2 * n) : make_conv(style, each_channel(2 * n, 3)),
                      make_conv(style, {.in = 2 * n, .out = n}), make_conv(style, each_channel(n, 3))}));
  return {csp2(site, "C2fCIB", n, block), site.out};
}

// Two convolutions of the same input, added.
Module rep_conv(const Style& style, const ConvPlan& plan) {
  Module module = make_module(style, "RepConv");
  module.attributes = {{"g", plan.groups}, {"c1", plan.in}, {"c2", plan.out}};
  add_part(module, "act", own_silu(style));
  add_part(module, "conv1", make_conv(style, plan, false));
  ConvPlan small = plan;
  small.kernel = 1;
  small.pad = 0;
  add_part(module, "conv2", make_conv(style, small, false));
  return module;
}

Module rep_csp(const Style& style, std::int64_t in, std::int64_t out, std::int64_t n) {
  const std::int64_t hidden = out / 2;
  Module block = make_module(style, "RepBottleneck");
  block.attributes["add"] = true;
  add_part(block, "cv1", rep_conv(style, {.in = hidden, .out = hidden, .kernel = 3, .pad = 1}));
  add_part(block, "cv2", make_conv(style, {.in = hidden, .out = hidden, .kernel = 3}));
  return make_csp3(style, "RepCSP", in, out, hidden, times(n, block));
}

// ELAN1 and RepNCSPELAN4: two continuations of a half of the first part. `parts`: cv2 and cv3.
Module elan(const Site& site, std::string_view type, std::int64_t first, std::int64_t inner,
            std::vector<Module> parts) {
  Module module = make_module(site.style, type);
  module.attributes["c"] = first / 2;
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = first}));
  add_part(module, "cv2", std::move(parts[0]));
  add_part(module, "cv3", std::move(parts[1]));
  add_part(module, "cv4", make_conv(site.style, {.in = first + 2 * inner, .out = site.out}));
  return module;
}

// channels of the first part, of the others
Made elan1(const Site& site) {
  const std::int64_t first = site.arguments.whole(0, site.out, 2), inner = site.arguments.whole(1, first / 2);
  std::vector<Module> parts = {make_conv(site.style, {.in = first / 2, .out = inner, .kernel = 3}),
                               make_conv(site.style, {.in = inner, .out = inner, .kernel = 3})};
  return {elan(site, "ELAN1", first, inner, std::move(parts)), site.out};
}

// the same, and how many blocks each continuation has
Made rep_elan(const Site& site) {
  const Style& style = site.style;
  const std::int64_t first = site.arguments.whole(0, site.out, 2), inner = site.arguments.whole(1, first / 2, 2);
  const std::int64_t blocks = site.arguments.whole(2, 1, 1, 100);
  std::vector<Module> parts;
  for (const std::int64_t in : {first / 2, inner}) {
    parts.push_back(
        make_list(style, "Sequential",
                  {rep_csp(style, in, inner, blocks), make_conv(style, {.in = inner, .out = inner, .kernel = 3})}));
  }
  return {elan(site, "RepNCSPELAN4", first, inner, std::move(parts)), site.out};
}

constexpr auto kClasses = std::to_array<ClassEntry>({
    {"Bottleneck", bottleneck, true},
    {"BottleneckCSP", bottleneck_csp, true, true},
    {"C2f", c2f, true, true},
    {"C2fCIB", c2f_cib, true, true},
    {"C3", c3, true, true},
    {"C3k2", c3k2, true, true},
    {"C3x", c3x, true, true},
    {"CrossConv", cross_conv, true},
    {"ELAN1", elan1, true},
    {"RepNCSPELAN4", rep_elan, true},
});

}  // namespace

std::span<const ClassEntry> csp_classes() {
  return kClasses;
}

}  // namespace saker::nets
