// Names of weights as recipes write them.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "train/modifiers/modifier.h"

namespace saker::train {
namespace {

constexpr std::size_t kMaxExpression = 1000;

bool is_of(const WeightSlot& slot, SlotsOf of) {
  if (slot.kind == WeightKind::kBuffer) return false;
  if (of == SlotsOf::kWeights) return true;
  return is_prunable(slot);
}

// "^((?!dfl).)*$", which recipes use for all names without "dfl"; RE2 cannot look ahead. Empty: it is another.
std::string all_names_without(std::string_view text) {
  constexpr std::string_view kBefore = "^((?!", kBehind = ").)*$";
  if (!text.starts_with(kBefore) || !text.ends_with(kBehind)) return {};
  text.remove_prefix(kBefore.size());
  text.remove_suffix(std::min(kBehind.size(), text.size()));
  return std::string(text);
}

// From the beginning of a name on, as Python's re.match does it; RE2's time grows with the name, whatever the
// expression.
Result<NameMatcher> matches_expression(const std::string& text) {
  if (text.size() > kMaxExpression)
    return Error{ErrorCode::kInvalid, fmt::format("an expression of more than {} characters", kMaxExpression)};
  const std::string unwanted = all_names_without(text);
  const auto compiled = std::make_shared<const RE2>(unwanted.empty() ? text : unwanted, RE2::Quiet);
  if (!compiled->ok())
    return Error{ErrorCode::kInvalid, fmt::format("'{}' is no expression that saker can match: {}",
                                                  printable_name(text), printable_line(compiled->error()))};
  if (!unwanted.empty())
    return NameMatcher([=](const std::string& name) { return !RE2::PartialMatch(name, *compiled); });
  return NameMatcher(
      [=](const std::string& name) { return compiled->Match(name, 0, name.size(), RE2::ANCHOR_START, nullptr, 0); });
}

std::string no_match(const Weights& weights, const std::string& param, SlotsOf of) {
  std::vector<std::string> names;
  for (const WeightSlot& slot : weights.slots()) {
    if (is_of(slot, of)) names.push_back(slot.name);
  }
  const auto near = nearest(param, names);
  const std::string like = names.empty() ? std::string() : fmt::format(", as in {}", names.front());
  return fmt::format("{} matches no weight {}{}", printable_name(param),
                     of == SlotsOf::kPrunable ? "of a convolution" : "of the network",
                     near ? fmt::format("; did you mean {}?", *near) : like);
}

}  // namespace

Result<NameMatcher> name_matcher(const std::string& param) {
  if (param == "__ALL__" || param == "__ALL_PRUNABLE__") return NameMatcher([](const std::string&) { return true; });
  if (param.starts_with("re:")) return matches_expression(param.substr(3));
  return NameMatcher([=](const std::string& name) { return name == param; });
}

bool is_prunable(const WeightSlot& slot) {
  return slot.of_module == "weight" && slot.channels_last() && !slot.name.ends_with("dfl.conv.weight");
}

Result<std::vector<std::size_t>> slots_of(const Weights& weights, const std::vector<std::string>& params, SlotsOf of,
                                          const recipe::Modifier& modifier, bool strict) {
  const char* field = modifier.lines.contains("params") ? "params" : "final_sparsity";
  std::vector<bool> taken(weights.slots().size());
  for (const std::string& param : params) {
    const SlotsOf here = param == "__ALL_PRUNABLE__" ? SlotsOf::kPrunable : of;
    const auto match = name_matcher(param);
    if (!match) return recipe::error_at(modifier, field, match.error().message);
    bool any = false;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const WeightSlot& slot = weights.slots()[i];
      if (!is_of(slot, here) || !(*match)(slot.name)) continue;
      taken[i] = any = true;
    }
    if (!any && strict) return recipe::error_at(modifier, field, no_match(weights, param, here));
  }
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) slots.push_back(i);
  }
  return slots;
}

}  // namespace saker::train
