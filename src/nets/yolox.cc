// YOLOX (Ge et al. 2021) keeps its weights alone; their names and shapes tell the network. What they do not tell is the
// same in all of them: strides, SiLU, and normalization with an epsilon of 1e-3.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/try.h"
#include "nets/description.h"
#include "nets/yolox.h"

namespace saker::nets {
namespace {

constexpr std::array<double, 3> kStrides = {8, 16, 32};
constexpr double kEpsilon = 1e-3, kMomentum = 0.03;
constexpr std::string_view kStem = "backbone.backbone.stem.conv.conv.weight";

constexpr double kLeastFactor = 0.1, kMostFactor = 2;

constexpr std::size_t kMaxDepth = 20, kMaxWeights = 10'000;  // of YOLOX-X: 10 and 1,100

// Modules by the names of the weights: "a.b.weight" is the weight of b, a part of a. Error kLimit: too deep.
Status insert(Module& root, const std::string& name, const Tensor& tensor) {
  Module* at = &root;
  const std::vector<std::string> parts = split(name, '.');
  if (parts.size() > kMaxDepth)
    return Error{ErrorCode::kLimit, fmt::format("the weight '{}' is too many parts deep", printable_name(name))};
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    auto child = std::ranges::find(at->children, parts[i], &Module::name);
    if (child == at->children.end()) {
      Module fresh;
      fresh.name = parts[i];
      fresh.path = at->path.empty() ? parts[i] : at->path + "." + parts[i];
      at->children.push_back(std::move(fresh));
      child = at->children.end() - 1;
    }
    at = &*child;
  }
  at->weights.insert_or_assign(parts.back(), tensor);
  return {};
}

bool has(const Module& module, const char* child) {
  return module.child(child) != nullptr;
}

// Lists are in the order of their numbers, whatever the order of the names was.
void sort_list(Module& module) {
  const auto number = [](const Module& child) { return parse_whole(child.name).value_or(0); };
  std::ranges::stable_sort(module.children, {}, number);
}

// 0: it has none.
std::int64_t filters_of(const Module& conv) {
  const Tensor* weight = conv.weight("weight");
  return weight == nullptr || weight->shape().empty() ? 0 : weight->shape()[0];
}

void set_type(Module& module, const char* type) {
  module.type = type;
  module.class_path = std::string("yolox.") + type;
}

Module leaf(const std::string& name, const char* type) {
  Module module;
  module.name = name;
  set_type(module, type);
  return module;
}

// A convolution as its weights show it; its padding keeps the size of the picture.
void type_convolution(Module& conv, std::int64_t stride) {
  set_type(conv, "Conv2d");
  const Shape& shape = conv.weights.find("weight")->second.shape();
  conv.attributes["stride"] = stride;
  conv.attributes["padding"] = shape.size() == 4 ? shape[2] / 2 : std::int64_t{0};
}

// Each class by the parts it has; strides, groups and shortcuts by what is known of the place (set_places).
void set_types(Module& module) {
  for (Module& child : module.children) set_types(child);
  if (module.weights.contains("running_mean")) {
    set_type(module, "BatchNorm2d");
    module.attributes["eps"] = kEpsilon;
    module.attributes["momentum"] = kMomentum;
  } else if (module.weights.contains("weight")) {
    type_convolution(module, 1);
  } else if (has(module, "conv") && has(module, "bn")) {
    set_type(module, "BaseConv");
    module.children.push_back(leaf("act", "SiLU"));
  } else if (has(module, "dconv") && has(module, "pconv")) {
    set_type(module, "DWConv");
  } else if (has(module, "conv1") && has(module, "conv3")) {
    set_type(module, "CSPLayer");
  } else if (has(module, "conv1") && has(module, "conv2")) {
    set_type(module, "Bottleneck");
  } else if (has(module, "conv")) {
    set_type(module, "Focus");
  } else {
    set_type(module, "Sequential");
    sort_list(module);
  }
}

Module* find(Module& module, std::string_view path) {
  Module* at = &module;
  for (const std::string& part : split(path, '.')) {
    const auto child = std::ranges::find(at->children, part, &Module::name);
    if (child == at->children.end()) return nullptr;
    at = &*child;
  }
  return at;
}

// The first convolution of a BaseConv, or the depthwise one of a DWConv.
Module* spatial(Module& block) {
  Module* conv = find(block, has(block, "dconv") ? "dconv.conv" : "conv");
  return conv;
}

void set_depthwise(Module& module) {
  for (Module& child : module.children) set_depthwise(child);
  if (module.type != "DWConv") return;
  Module* conv = find(module, "dconv.conv");
  if (conv != nullptr && conv->type == "Conv2d") conv->attributes["groups"] = filters_of(*conv);
}

void set_shortcuts(Module& csp, bool add) {
  Module* blocks = find(csp, "m");
  if (blocks == nullptr) return;
  for (Module& block : blocks->children) block.attributes["use_add"] = add;
}

// SPPBottleneck looks like a Bottleneck; its pools have no weights.
void make_spp(Module& block) {
  set_type(block, "SPPBottleneck");
  Module pools = leaf("m", "ModuleList");
  for (const std::int64_t kernel : {5, 9, 13}) {
    Module pool = leaf(std::to_string(pools.children.size()), "MaxPool2d");
    pool.attributes["kernel_size"] = kernel;
    pool.attributes["stride"] = std::int64_t{1};
    pool.attributes["padding"] = kernel / 2;
    pools.children.push_back(std::move(pool));
  }
  block.children.push_back(std::move(pools));
}

// What the names do not say. Error kUnsupported: a part is missing, as in the variant on Darknet-53.
Status set_places(Module& root) {
  const auto need = [&](const std::string& path) -> Result<Module*> {
    Module* found = find(root, path);
    if (found != nullptr) return found;
    return Error{ErrorCode::kUnsupported,
                 fmt::format("its weights lack '{}': another network than YOLOX nano to x", path)};
  };
  for (int i = 2; i <= 5; ++i) {
    SAKER_ASSIGN(Module* const dark, need(fmt::format("backbone.backbone.dark{}", i)));
    if (dark->children.size() < 2 || spatial(dark->children[0]) == nullptr)
      return Error{ErrorCode::kUnsupported, fmt::format("its part dark{} is not as in YOLOX", i)};
    spatial(dark->children[0])->attributes["stride"] = std::int64_t{2};
    set_shortcuts(dark->children.back(), i < 5);
  }
  SAKER_ASSIGN(Module* const spp, need("backbone.backbone.dark5.1"));
  make_spp(*spp);
  for (const char* name : {"bu_conv2", "bu_conv1"}) {
    SAKER_ASSIGN(Module* const down, need(fmt::format("backbone.{}", name)));
    if (spatial(*down) != nullptr) spatial(*down)->attributes["stride"] = std::int64_t{2};
  }
  for (const char* name : {"C3_p4", "C3_p3", "C3_n3", "C3_n4"}) {
    SAKER_ASSIGN(Module* const csp, need(fmt::format("backbone.{}", name)));
    set_shortcuts(*csp, false);
  }
  return {};
}

struct Place {
  const char* path;  // empty: a layer without weights
  const char* type;
  std::vector<std::int64_t> from;
};

// The pyramid of YOLOPAFPN, from coarse to fine and back.
std::vector<Layer> pyramid(Module& root) {
  const std::vector<Place> places = {
      {"backbone.backbone.stem", "", {-1}},
      {"backbone.backbone.dark2", "", {-1}},
      {"backbone.backbone.dark3", "", {-1}},
      {"backbone.backbone.dark4", "", {-1}},
      {"backbone.backbone.dark5", "", {-1}},
      {"backbone.lateral_conv0", "", {-1}},
      {"", "Upsample", {-1}},
      {"", "Concat", {-1, 3}},
      {"backbone.C3_p4", "", {-1}},
      {"backbone.reduce_conv1", "", {-1}},
      {"", "Upsample", {-1}},
      {"", "Concat", {-1, 2}},
      {"backbone.C3_p3", "", {-1}},
      {"backbone.bu_conv2", "", {-1}},
      {"", "Concat", {-1, 9}},
      {"backbone.C3_n3", "", {-1}},
      {"backbone.bu_conv1", "", {-1}},
      {"", "Concat", {-1, 5}},
      {"backbone.C3_n4", "", {-1}},
      {"head", "", {12, 15, 18}},
  };
  std::vector<Layer> layers;
  for (const Place& place : places) {
    Module* const found = *place.path == '\0' ? nullptr : find(root, place.path);
    Module module = found != nullptr ? std::move(*found) : leaf("", place.type);
    if (module.type == "Upsample") module.attributes["scale_factor"] = 2.0;
    layers.push_back({std::move(module), place.from});
  }
  return layers;
}

// Empty: none of the sizes has such a stem.
std::string size_by(const Module& stem) {
  for (const YoloxSize& size : kYoloxSizes) {
    if (static_cast<double>(filters_of(stem)) == static_cast<double>(kYoloxStem) * size.width)
      return std::string(size.name);
  }
  return {};
}

// In place of SiLU.
void set_activation(Module& module, const Module& activation) {
  if (module.type == "SiLU") {
    set_type(module, activation.type.c_str());
    if (activation.type == "LeakyReLU") module.attributes["negative_slope"] = activation.number("negative_slope", 0);
  }
  for (Module& child : module.children) set_activation(child, activation);
}

}  // namespace

bool is_yolox(const WeightMap& weights) {
  return weights.contains(kStem) && weights.contains(std::string("head.stems.0.conv.weight"));
}

Result<Network> yolox_from_weights(const WeightMap& weights) {
  if (weights.size() > kMaxWeights) return Error{ErrorCode::kLimit, fmt::format("more than {} weights", kMaxWeights)};
  Module root;
  for (const auto& [name, tensor] : weights) SAKER_TRY(insert(root, name, tensor));
  set_types(root);
  for (const char* name :
       {"backbone.backbone.stem.conv.conv", "backbone.lateral_conv0", "backbone.reduce_conv1", "head.cls_preds.0"}) {
    if (find(root, name) == nullptr)
      return Error{ErrorCode::kUnsupported, fmt::format("its weights lack '{}': not as in YOLOX", name)};
  }
  set_depthwise(root);
  SAKER_TRY(set_places(root));
  Network network;
  network.family = "YOLOX";
  network.strides.assign(kStrides.begin(), kStrides.end());
  network.classes = filters_of(*find(root, "head.cls_preds.0"));
  network.name = size_by(*find(root, "backbone.backbone.stem.conv.conv"));
  network.layers = pyramid(root);
  return network;
}

Result<Network> yolox_network(double depth, double width, bool depthwise, const FamilyOptions& options) {
  const auto classes = static_cast<std::int64_t>(options.names.size());
  const auto inside = [](double factor) { return factor >= kLeastFactor && factor <= kMostFactor; };
  if (classes < 1 || classes > kMostClasses || !inside(depth) || !inside(width)) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("YOLOX of depth {}, width {} and {} classes: depth and width may be {} to {}, classes 1 to {}",
                    depth, width, classes, kLeastFactor, kMostFactor, kMostClasses)};
  }
  Style style;
  SAKER_ASSIGN(style.activation, activation_of(style, options.activation));
  SAKER_ASSIGN(const WeightMap weights,
               yolox_weights(
                   {.depth = depth, .width = width, .depthwise = depthwise, .classes = classes, .seed = options.seed}));
  SAKER_ASSIGN(Network network, yolox_from_weights(weights));
  network.names = options.names;
  for (Layer& layer : network.layers) set_activation(layer.module, style.activation);
  set_head_biases(network);
  return network;
}

}  // namespace saker::nets
