#include "nets/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace saker::nets {
namespace {

constexpr std::array kGroups = {basic_flows, csp_flows, pool_flows, attention_flows};
constexpr std::array<std::string_view, 3> kOfSeveral = {"CBFuse", "CBLinear", "Concat"};

FlowFn find_flow(std::string_view type) {
  for (const auto group : kGroups) {
    const auto found = std::ranges::find(group(), type, &FlowEntry::type);
    if (found != group().end()) return found->flow;
  }
  return nullptr;
}

// The last input, and of each of the others the part that it picks, in the last one's size.
Var cb_fuse(Builder& b, const Module& module, std::span<const std::vector<Var>> inputs) {
  const std::vector<std::int64_t> picked = module.integers("idx");
  if (inputs.size() != picked.size() + 1 || inputs.back().size() != 1)
    return b.fail(module, fmt::format("{} inputs for {} picks", inputs.size(), picked.size()));
  const Var last = inputs.back()[0];
  Var sum = kNothing;
  for (std::size_t i = 0; i < picked.size(); ++i) {
    const auto at = static_cast<std::size_t>(picked[i]);
    if (picked[i] < 0 || at >= inputs[i].size())
      return b.fail(module, fmt::format("picks part {} of {}", picked[i], inputs[i].size()));
    const Var part = b.resize_like(inputs[i][at], last);
    sum = i == 0 ? part : b.add(sum, part);
  }
  return picked.empty() ? last : b.add(sum, last);
}

std::vector<Var> cb_linear(Builder& b, const Module& module, Var x) {
  return b.split(run(b, module, "conv", x), module.integers("c2s"), 1);
}

// A layer of several inputs.
std::vector<Var> told(Builder& b, const Module& module, Var output) {
  b.given(module, output);
  return {output};
}

Var concat(Builder& b, const Module& module, std::span<const std::vector<Var>> inputs) {
  std::vector<Var> parts;
  for (const auto& input : inputs) {
    if (input.size() != 1) return b.fail(module, "one of its inputs is in several parts");
    parts.push_back(input[0]);
  }
  return b.concat(std::move(parts), module.integer("d", 1));
}

}  // namespace

Var run(Builder& b, const Module& module, Var x) {
  const FlowFn flow = find_flow(module.type);
  if (flow != nullptr) {
    const Var output = flow(b, module, x);
    b.given(module, output);
    return output;
  }
  return b.fail(module, fmt::format("saker does not know the class {}; it knows {}", printable_name(module.class_path),
                                    known_modules()));
}

Var run(Builder& b, const Module& module, std::string_view child, Var x) {
  const Module* found = module.child(child);
  if (found == nullptr) return b.fail(module, fmt::format("it has no part '{}'", child));
  return run(b, *found, x);
}

std::vector<Var> run_layer(Builder& b, const Module& module, std::span<const std::vector<Var>> inputs) {
  if (module.type == "Concat") return told(b, module, concat(b, module, inputs));
  if (module.type == "CBFuse") return told(b, module, cb_fuse(b, module, inputs));
  if (inputs.size() != 1 || inputs[0].size() != 1) return {b.fail(module, "it takes one input")};
  if (module.type == "CBLinear") return cb_linear(b, module, inputs[0][0]);
  return {run(b, module, inputs[0][0])};
}

std::string known_modules() {
  std::vector<std::string_view> names(kOfSeveral.begin(), kOfSeveral.end());
  for (const auto group : kGroups) {
    for (const FlowEntry& entry : group()) names.push_back(entry.type);
  }
  std::ranges::sort(names);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace saker::nets
