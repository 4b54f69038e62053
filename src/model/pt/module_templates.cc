#include "model/pt/module_templates.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace saker::pt {
namespace {

using nets::Module;
using Name = std::string_view;

const nets::Attribute* own(const Module& module, Name name) {
  const auto found = module.attributes.find(name);
  return found == module.attributes.end() ? nullptr : &found->second;
}

void put_own(PickleWriter& out, const Module& module, Name name, const nets::Attribute& fallback) {
  const nets::Attribute* found = own(module, name);
  put(out, found != nullptr ? *found : fallback);
}

// 0: there is no such weight, or it has fewer dimensions.
std::int64_t extent(const Module& module, Name weight, std::size_t axis) {
  const Tensor* tensor = module.weight(weight);
  return tensor == nullptr || tensor->shape().size() <= axis ? 0 : tensor->shape()[axis];
}

bool is_transposed(const Module& conv) {
  return conv.type == "ConvTranspose2d";
}

// Of a convolution's weights, whose first axis counts filters, and of a transposed one's, whose second does.
std::int64_t inputs_of(const Module& conv) {
  return is_transposed(conv) ? extent(conv, "weight", 0) : extent(conv, "weight", 1) * conv.integer("groups", 1);
}
std::int64_t outputs_of(const Module& conv) {
  return is_transposed(conv) ? extent(conv, "weight", 1) * conv.integer("groups", 1) : extent(conv, "weight", 0);
}

// ---- how an attribute is put ----

void nothing(PickleWriter& out, const Module& /*module*/, Name /*name*/) {
  out.put_none();
}

template <bool kDefault>
void flag(PickleWriter& out, const Module& module, Name name) {
  put_own(out, module, name, kDefault);
}

template <std::int64_t kDefault>
void whole(PickleWriter& out, const Module& module, Name name) {
  put_own(out, module, name, kDefault);
}

// Two numbers, of which a module may have one for both.
std::vector<std::int64_t> pair_of(const Module& module, Name name, std::int64_t fallback) {
  const std::vector<std::int64_t> own = module.integers(name);
  if (own.size() == 2) return own;
  return std::vector<std::int64_t>(2, own.empty() ? fallback : own[0]);
}

template <std::int64_t kDefault>
void pair(PickleWriter& out, const Module& module, Name name) {
  out.put_tuple(pair_of(module, name, kDefault));
}

void kernel_of_weight(PickleWriter& out, const Module& module, Name /*name*/) {
  out.put_tuple({extent(module, "weight", 2), extent(module, "weight", 3)});
}

// torch's padding for F.pad, which goes from the last axis to the first.
void repeated_padding(PickleWriter& out, const Module& module, Name /*name*/) {
  const std::vector<std::int64_t> padding = pair_of(module, "padding", 0);
  out.put_tuple({padding[1], padding[1], padding[0], padding[0]});
}

// Four sides, as a tuple.
void sides(PickleWriter& out, const Module& module, Name name) {
  std::vector<std::int64_t> own = module.integers(name);
  own.resize(4);
  out.put_tuple(own);
}

struct Template {
  Name type, attribute;
  void (*put)(PickleWriter&, const Module&, Name);
};

// training.md's table of attributes, by torch 2 and Ultralytics 8.4; classes that are not here have none of their own,
// or say them.
constexpr auto kTemplates = std::to_array<Template>({
    {"A2C2f", "gamma", nothing},
    {"Attention", "num_heads", whole<1>},
    {"Attention", "head_dim", whole<64>},
    {"Attention", "key_dim", whole<32>},
    {"Attention", "scale",
     [](PickleWriter& out, const Module& module, Name name) {
       put_own(out, module, name, 1 / std::sqrt(static_cast<double>(module.integer("key_dim", 32))));
     }},
    {"BatchNorm2d", "num_features",
     [](PickleWriter& out, const Module& module, Name /*name*/) { out.put(extent(module, "running_mean", 0)); }},
    {"BatchNorm2d", "eps", [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, 1e-3); }},
    {"BatchNorm2d", "momentum", [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, 0.03); }},
    {"BatchNorm2d", "affine", flag<true>},
    {"BatchNorm2d", "track_running_stats", flag<true>},
    {"Bottleneck", "add", flag<false>},
    {"Concat", "d", whole<1>},
    {"Conv2d", "in_channels", [](PickleWriter& out, const Module& m, Name /*name*/) { out.put(inputs_of(m)); }},
    {"Conv2d", "out_channels", [](PickleWriter& out, const Module& m, Name /*name*/) { out.put(outputs_of(m)); }},
    {"Conv2d", "kernel_size", kernel_of_weight},
    {"Conv2d", "stride", pair<1>},
    {"Conv2d", "padding", pair<0>},
    {"Conv2d", "dilation", pair<1>},
    {"Conv2d", "transposed", [](PickleWriter& out, const Module& m, Name /*name*/) { out.put(is_transposed(m)); }},
    {"Conv2d", "output_padding", pair<0>},
    {"Conv2d", "groups", whole<1>},
    {"Conv2d", "padding_mode",
     [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, std::string("zeros")); }},
    {"Conv2d", "_reversed_padding_repeated_twice", repeated_padding},
    {"DFL", "c1",
     [](PickleWriter& out, const Module& module, Name name) {
       const Module* conv = module.child("conv");
       put_own(out, module, name, conv == nullptr ? std::int64_t{16} : extent(*conv, "weight", 1));
     }},
    {"Hardswish", "inplace", flag<false>},
    {"LeakyReLU", "negative_slope", [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, 0.1); }},
    {"LeakyReLU", "inplace", flag<false>},
    {"MaxPool2d", "kernel_size", whole<5>},
    {"MaxPool2d", "stride",
     [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, m.integer("kernel_size", 5)); }},
    {"MaxPool2d", "padding", whole<0>},
    {"MaxPool2d", "dilation", whole<1>},
    {"MaxPool2d", "return_indices", flag<false>},
    {"MaxPool2d", "ceil_mode", flag<false>},
    {"PSABlock", "add", flag<true>},
    {"ReLU", "inplace", flag<false>},
    {"RepConv", "bn", nothing},
    {"SPPF", "n", whole<3>},
    {"SPPF", "add", flag<false>},
    {"SiLU", "inplace", flag<false>},
    {"Upsample", "name", [](PickleWriter& out, const Module& m, Name /*name*/) { out.put(m.type); }},
    {"Upsample", "size", nothing},
    {"Upsample", "scale_factor", [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, 2.0); }},
    {"Upsample", "mode",
     [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, std::string("nearest")); }},
    {"Upsample", "align_corners", nothing},
    {"Upsample", "recompute_scale_factor", nothing},
    {"ZeroPad2d", "padding", sides},
    {"ZeroPad2d", "value", [](PickleWriter& out, const Module& m, Name name) { put_own(out, m, name, 0.0); }},
});

// Blocks that split the channels of cv1 in two keep how many one part has.
constexpr std::array<Name, 4> kSplit = {"C2PSA", "C2f", "C2fCIB", "C3k2"};

bool is_one_of(std::span<const Name> names, Name name) {
  return std::ranges::find(names, name) != names.end();
}

std::int64_t half_of_first(const Module& block) {
  const Module* at = block.child("cv1");
  if (at != nullptr) at = at->child("conv");
  return at == nullptr ? 0 : outputs_of(*at) / 2;
}

constexpr std::array<Name, 2> kAffine = {"weight", "bias"};
constexpr std::array<Name, 3> kStatistics = {"running_mean", "running_var", "num_batches_tracked"};

}  // namespace

void put(PickleWriter& out, const nets::Attribute& attribute) {
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          out.put_list(value);
        } else if constexpr (std::is_same_v<T, std::vector<double>>) {
          out.begin_list();
          for (const double number : value) out.put(number);
          out.end_list();
        } else {
          out.put(value);
        }
      },
      attribute);
}

void put_attributes(PickleWriter& out, const Module& module, std::span<const std::string_view> elsewhere) {
  const Name type = is_transposed(module) ? Name("Conv2d") : Name(module.type);
  for (const Template& wanted : kTemplates) {
    if (wanted.type != type || is_one_of(elsewhere, wanted.attribute)) continue;
    // None would hide what there is.
    if (module.weight(wanted.attribute) != nullptr || module.child(wanted.attribute) != nullptr) continue;
    out.put(wanted.attribute);
    wanted.put(out, module, wanted.attribute);
  }
  if (is_one_of(kSplit, type) && own(module, "c") == nullptr) {
    out.put("c");
    out.put(half_of_first(module));
  }
  for (const auto& [name, value] : module.attributes) {
    const bool done = std::ranges::any_of(kTemplates, [&, own_name = Name(name)](const Template& wanted) {
      return wanted.type == type && wanted.attribute == own_name;
    });
    if (done || is_one_of(elsewhere, name)) continue;
    out.put(name);
    put(out, value);
  }
}

TensorNames tensors_of(std::string_view type) {
  if (type == "Conv2d" || type == "ConvTranspose2d" || type == "Linear") return {type, kAffine, {}};
  if (type == "BatchNorm2d") return {type, kAffine, kStatistics};
  return {type, {}, {}};
}

}  // namespace saker::pt
