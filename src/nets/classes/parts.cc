// What all classes are made of.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "nets/classes/classes.h"

namespace saker::nets {
namespace {

using Places = std::pair<std::string_view, std::string_view>;

constexpr auto kTorchPlaces = std::to_array<Places>({
    {"BatchNorm2d", "batchnorm"},
    {"Conv2d", "conv"},
    {"ConvTranspose2d", "conv"},
    {"Hardswish", "activation"},
    {"Identity", "linear"},
    {"LeakyReLU", "activation"},
    {"MaxPool2d", "pooling"},
    {"ModuleList", "container"},
    {"ReLU", "activation"},
    {"Sequential", "container"},
    {"SiLU", "activation"},
    {"Upsample", "upsampling"},
    {"ZeroPad2d", "padding"},
});

// The rest of Ultralytics' is in block.
constexpr auto kUltralyticsPlaces = std::to_array<Places>({
    {"Concat", "conv"},
    {"Conv", "conv"},
    {"DWConv", "conv"},
    {"Detect", "head"},
    {"Focus", "conv"},
    {"RepConv", "conv"},
    {"v10Detect", "head"},
});

std::string_view place_in(std::span<const Places> places, std::string_view type) {
  const auto found = std::ranges::find(places, type, &Places::first);
  return found == places.end() ? std::string_view() : found->second;
}

std::string class_path(const Style& style, std::string_view type) {
  const std::string_view torch = place_in(kTorchPlaces, type);
  if (!torch.empty()) return fmt::format("torch.nn.modules.{}.{}", torch, type);
  if (!style.ultralytics) return fmt::format("models.{}.{}", type == "Detect" ? "yolo" : "common", type);
  const std::string_view place = place_in(kUltralyticsPlaces, type);
  return fmt::format("ultralytics.nn.modules.{}.{}", place.empty() ? "block" : place, type);
}

std::vector<std::int64_t> list_of(const Sides& sides) {
  return {sides.height, sides.width};
}

}  // namespace

Module make_module(const Style& style, std::string_view type) {
  Module module;
  module.type = type;
  module.class_path = class_path(style, type);
  return module;
}

void add_part(Module& to, std::string name, Module part) {
  part.name = std::move(name);
  to.children.push_back(std::move(part));
}

Module make_list(const Style& style, std::string_view type, std::vector<Module> parts) {
  Module list = make_module(style, type);
  for (Module& part : parts) add_part(list, std::to_string(list.children.size()), std::move(part));
  return list;
}

Module make_convolution(const Style& style, const ConvPlan& plan, bool bias) {
  Module conv = make_module(style, "Conv2d");
  const auto same = [&](std::int64_t kernel) { return (plan.dilation * (kernel - 1) + 1) / 2; };
  const bool halves = plan.pad.height == ConvPlan::kSame;
  const Sides pad = halves ? Sides(same(plan.kernel.height), same(plan.kernel.width)) : plan.pad;
  conv.attributes = {{"in_channels", plan.in},
                     {"out_channels", plan.out},
                     {"kernel_size", list_of(plan.kernel)},
                     {"stride", list_of(plan.stride)},
                     {"padding", list_of(pad)},
                     {"dilation", list_of(plan.dilation)},
                     {"groups", plan.groups},
                     {"transposed", false},
                     {"output_padding", list_of(0)},
                     {"padding_mode", std::string("zeros")}};
  conv.weights["weight"] = Tensor();
  if (bias) conv.weights["bias"] = Tensor();
  return conv;
}

Module make_batch_norm(const Style& style, std::int64_t channels) {
  Module norm = make_module(style, "BatchNorm2d");
  // Both frameworks set these in all of a model's.
  norm.attributes = {
      {"num_features", channels}, {"eps", 1e-3}, {"momentum", 0.03}, {"affine", true}, {"track_running_stats", true}};
  return norm;
}

Module make_conv(const Style& style, const ConvPlan& plan, bool activation, std::string_view type) {
  Module block = make_module(style, type);
  add_part(block, "conv", make_convolution(style, plan, false));
  add_part(block, "bn", make_batch_norm(style, plan.out));
  add_part(block, "act", activation ? style.activation : make_module(style, "Identity"));
  return block;
}

Module make_max_pool(const Style& style, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  Module pool = make_module(style, "MaxPool2d");
  pool.attributes = {{"kernel_size", kernel},       {"stride", stride},        {"padding", padding},
                     {"dilation", std::int64_t{1}}, {"return_indices", false}, {"ceil_mode", false}};
  return pool;
}

const ClassEntry* find_class(std::string_view type) {
  for (const auto group : {basic_classes, pool_classes, csp_classes, attention_classes}) {
    const auto found = std::ranges::find(group(), type, &ClassEntry::type);
    if (found != group().end()) return &*found;
  }
  return nullptr;
}

std::string buildable_classes() {
  std::vector<std::string_view> names = {"Detect", "v10Detect"};
  for (const auto group : {basic_classes, pool_classes, csp_classes, attention_classes}) {
    for (const ClassEntry& entry : group()) names.push_back(entry.type);
  }
  std::ranges::sort(names);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace saker::nets
