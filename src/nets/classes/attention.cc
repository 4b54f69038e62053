// Attention among the cells of a picture.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nets/classes/classes.h"
#include "nets/initialise.h"

namespace saker::nets {
namespace {

constexpr std::int64_t kHead = 64, kAreaHead = 32;  // channels of a head
constexpr float kFirstGamma = 0.01F;                // A2C2f's own share in the beginning

// Heads of 64 channels, with half as many for queries and keys.
Module attention(const Style& style, std::int64_t channels) {
  const std::int64_t heads = std::max<std::int64_t>(channels / kHead, 1), size = channels / heads, keys = size / 2;
  Module module = make_module(style, "Attention");
  module.attributes = {{"num_heads", heads},
                       {"head_dim", size},
                       {"key_dim", keys},
                       {"scale", std::pow(static_cast<double>(keys), -0.5)}};
  add_part(module, "qkv", make_conv(style, {.in = channels, .out = channels + 2 * keys * heads}, false));
  add_part(module, "proj", make_conv(style, {.in = channels, .out = channels}, false));
  add_part(module, "pe", make_conv(style, {.in = channels, .out = channels, .kernel = 3, .groups = channels}, false));
  return module;
}

// Out and back, with an activation between.
Module two_layers(const Style& style, std::int64_t channels, std::int64_t hidden) {
  return make_list(
      style, "Sequential",
      {make_conv(style, {.in = channels, .out = hidden}), make_conv(style, {.in = hidden, .out = channels}, false)});
}

// Half of the channels attend: C2PSA, PSA.
Made half_attends(const Site& site, std::string_view type, double expansion) {
  const auto hidden = static_cast<std::int64_t>(static_cast<double>(site.in()) * expansion);
  const std::int64_t heads = std::max<std::int64_t>(hidden / kHead, 1);
  if (site.in() != site.out || hidden < 2 || hidden % heads != 0) {
    site.arguments.refuse(fmt::format("{} channels in and {} out do not fit it", site.in(), site.out));
    return {};
  }
  Module module = make_module(site.style, type);
  module.attributes["c"] = hidden;
  add_part(module, "cv1", make_conv(site.style, {.in = site.in(), .out = 2 * hidden}));
  add_part(module, "cv2", make_conv(site.style, {.in = 2 * hidden, .out = site.out}));
  return {std::move(module), site.out};
}

// expansion
Made c2psa(const Site& site) {
  Made made = half_attends(site, "C2PSA", site.arguments.number(0, 0.5, 0, 1));
  const Module block = make_psa_block(site.style, made.module.integer("c", kHead));
  std::vector<Module> blocks(static_cast<std::size_t>(site.repeats), block);
  add_part(made.module, "m", make_list(site.style, "Sequential", std::move(blocks)));
  return made;
}

Made psa(const Site& site) {
  Made made = half_attends(site, "PSA", site.arguments.number(0, 0.5, 0, 1));
  const std::int64_t hidden = made.module.integer("c", kHead);
  add_part(made.module, "attn", attention(site.style, hidden));
  add_part(made.module, "ffn", two_layers(site.style, hidden, 2 * hidden));
  return made;
}

// Heads of 32 channels that attend within each of `area` strips.
Module area_block(const Style& style, std::int64_t channels, std::int64_t area, double mlp) {
  Module attends = make_module(style, "AAttn");
  attends.attributes = {
      {"area", area}, {"num_heads", channels / kAreaHead}, {"head_dim", kAreaHead}, {"all_head_dim", channels}};
  add_part(attends, "qkv", make_conv(style, {.in = channels, .out = 3 * channels}, false));
  add_part(attends, "proj", make_conv(style, {.in = channels, .out = channels}, false));
  add_part(attends, "pe", make_conv(style, {.in = channels, .out = channels, .kernel = 7, .groups = channels}, false));
  Module block = make_module(style, "ABlock");
  add_part(block, "attn", std::move(attends));
  add_part(block, "mlp", two_layers(style, channels, static_cast<std::int64_t>(static_cast<double>(channels) * mlp)));
  return block;
}

// whether it attends, areas, whether it adds its input, size of the inner layers, expansion, groups, shortcut;
// in scales l and x it adds, and its inner layers are smaller
Made a2c2f(const Site& site) {
  Arguments& a = site.arguments;
  const bool attends = a.flag(0, true);
  const bool adds = a.flag(2, false) || site.very_large;
  const std::int64_t area = a.word(1, "1") == "-1" ? 1 : a.whole(1, 1, 1, 64);
  const double mlp = site.very_large ? 1.2 : a.number(3, 2, 0.1, 8);
  const auto hidden = static_cast<std::int64_t>(static_cast<double>(site.out) * a.number(4, 0.5, 0, 4));
  const std::int64_t groups = a.whole(5, 1);
  const bool shortcut = a.flag(6, true);
  if (hidden < kAreaHead || hidden % kAreaHead != 0 || hidden / 2 % groups != 0 ||
      (attends && adds && site.in() != site.out)) {
    a.refuse(fmt::format("its {} channels inside are not heads of {}, or do not fit the rest", hidden, kAreaHead));
    return {};
  }
  const Style& style = site.style;
  Module module = make_module(style, "A2C2f");
  add_part(module, "cv1", make_conv(style, {.in = site.in(), .out = hidden}));
  add_part(module, "cv2", make_conv(style, {.in = (1 + site.repeats) * hidden, .out = site.out}));
  const Module block = attends ? make_list(style, "Sequential",
                                           {area_block(style, hidden, area, mlp), area_block(style, hidden, area, mlp)})
                               : make_c3k(style, hidden, shortcut, groups);
  std::vector<Module> blocks(static_cast<std::size_t>(site.repeats), block);
  add_part(module, "m", make_list(style, "ModuleList", std::move(blocks)));
  if (attends && adds) module.weights["gamma"] = filled_tensor({site.out}, kFirstGamma);
  return {std::move(module), site.out};
}

constexpr auto kClasses = std::to_array<ClassEntry>({
    {"A2C2f", a2c2f, true, true},
    {"C2PSA", c2psa, true, true},
    {"PSA", psa, true},
});

}  // namespace

Module make_psa_block(const Style& style, std::int64_t channels) {
  Module block = make_module(style, "PSABlock");
  block.attributes["add"] = true;
  add_part(block, "attn", attention(style, channels));
  add_part(block, "ffn", two_layers(style, channels, 2 * channels));
  return block;
}

std::span<const ClassEntry> attention_classes() {
  return kClasses;
}

}  // namespace saker::nets
