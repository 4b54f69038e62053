// Pools, and layers that change the size of a picture.
#include <array>

#include "nets/classes/classes.h"

namespace saker::nets {
namespace {

// kernel, stride, padding
Made max_pool(const Site& site) {
  Arguments& a = site.arguments;
  const std::int64_t kernel = a.whole(0, 2, 1, kMaxKernel), stride = a.whole(1, kernel, 1, kMaxKernel);
  const std::int64_t padding = a.whole(2, 0, 0, kernel / 2);
  return {make_max_pool(site.style, kernel, stride, padding), site.in(), static_cast<double>(stride)};
}

// None, factor, "nearest"
Made upsample(const Site& site) {
  Arguments& a = site.arguments;
  const auto factor = static_cast<double>(a.whole(1, 2, 1, 32));
  if (a.has(0) || a.word(2, "nearest") != "nearest")
    a.refuse("it can only enlarge by a factor to the nearest neighbour");
  Module module = make_module(site.style, "Upsample");
  module.attributes = {{"name", std::string("Upsample")}, {"scale_factor", factor}, {"mode", std::string("nearest")}};
  return {std::move(module), site.in(), 1 / factor};
}

// Of the left, right, top and bottom
Made zero_pad(const Site& site) {
  const std::vector<std::int64_t> sides = site.arguments.wholes(0, {});
  if (sides.size() != 4) site.arguments.refuse("its padding is not four numbers");
  Module module = make_module(site.style, "ZeroPad2d");
  module.attributes = {{"padding", sides}, {"value", 0.0}};
  return {std::move(module), site.in()};
}

// kernels
Made spp(const Site& site) {
  const std::vector<std::int64_t> kernels = site.arguments.wholes(0, {5, 9, 13});
  const std::int64_t hidden = site.in() / 2;
  Module module = make_module(site.style, "SPP");
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = hidden}));
  const std::int64_t parts = static_cast<std::int64_t>(kernels.size()) + 1;
  add_part(module, "cv2", make_conv(site.style, {.in = hidden * parts, .out = site.out}));
  std::vector<Module> pools;
  for (const std::int64_t kernel : kernels) {
    if (kernel % 2 == 0 || kernel > kMaxKernel) site.arguments.refuse("its kernels are not odd numbers up to 63");
    pools.push_back(make_max_pool(site.style, kernel, 1, kernel / 2));
  }
  add_part(module, "m", make_list(site.style, "ModuleList", std::move(pools)));
  return {std::move(module), site.out};
}

// kernel; since YOLO26: how often, and whether it adds its input, in which case its first part has no activation
Made sppf(const Site& site) {
  Arguments& a = site.arguments;
  const std::int64_t kernel = a.whole(0, 5, 1, kMaxKernel), times = a.whole(1, 3, 1, 16), hidden = site.in() / 2;
  const bool adds = a.flag(2, false);
  if (kernel % 2 == 0) a.refuse("its kernel is not an odd number");
  Module module = make_module(site.style, "SPPF");
  if (site.style.ultralytics) module.attributes = {{"n", times}, {"add", adds && site.in() == site.out}};
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = hidden}, !adds));
  add_part(module, "cv2", make_conv(site.style, {.in = hidden * (times + 1), .out = site.out}));
  add_part(module, "m", make_max_pool(site.style, kernel, 1, kernel / 2));
  return {std::move(module), site.out};
}

// hidden channels, kernel
Made spp_elan(const Site& site) {
  const std::int64_t hidden = site.arguments.whole(0, site.out), kernel = site.arguments.whole(1, 5, 1, kMaxKernel);
  Module module = make_module(site.style, "SPPELAN");
  module.attributes["c"] = hidden;
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = hidden}));
  for (const char* name : {"cv2", "cv3", "cv4"})
    add_part(module, name, make_max_pool(site.style, kernel, 1, kernel / 2));
  add_part(module, "cv5", make_conv(site.style, {.in = 4 * hidden, .out = site.out}));
  return {std::move(module), site.out};
}

ConvPlan halving(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .stride = 2};
}

Made a_conv(const Site& site) {
  Module module = make_module(site.style, "AConv");
  add_part(module, "cv1", make_conv(site.style, halving(site.in(), site.out)));
  return {std::move(module), site.out, 2};
}

Made a_down(const Site& site) {
  Module module = make_module(site.style, "ADown");
  module.attributes["c"] = site.out / 2;
  if (site.in() % 2 != 0) site.arguments.refuse("its input cannot be halved");
  add_part(module, "cv1", make_conv(site.style, halving(site.in() / 2, site.out / 2)));
  add_part(module, "cv2", make_conv(site.style, {.in = site.in() / 2, .out = site.out / 2}));
  return {std::move(module), site.out, 2};
}

constexpr auto kClasses = std::to_array<ClassEntry>({
    {"AConv", a_conv, true},
    {"ADown", a_down, true},
    {"MaxPool2d", max_pool},
    {"SPP", spp, true},
    {"SPPELAN", spp_elan, true},
    {"SPPF", sppf, true},
    {"Upsample", upsample},
    {"ZeroPad2d", zero_pad},
});

}  // namespace

std::span<const ClassEntry> pool_classes() {
  return kClasses;
}

}  // namespace saker::nets
