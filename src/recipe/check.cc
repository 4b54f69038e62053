#include "recipe/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/text.h"
#include "base/try.h"

namespace saker::recipe {
namespace {

std::vector<int> rate_groups(const Modifier& modifier) {
  std::vector<int> groups;
  if (const auto* set = std::get_if<SetLearningRate>(&modifier.action)) groups = set->groups;
  if (const auto* function = std::get_if<LearningRateFunction>(&modifier.action)) groups = function->groups;
  return groups.empty() ? std::vector<int>{0, 1, 2} : groups;
}

template <typename One>
bool both_are(const Modifier& a, const Modifier& b) {
  return std::holds_alternative<One>(a.action) && std::holds_alternative<One>(b.action);
}

std::string other(const Modifier& modifier) {
  return fmt::format("the {} of line {}", modifier.type, modifier.line);
}

// A rate that is set while a function changes it holds from there on, as the later one; two functions at one time say
// nothing sensible, and neither do two that start together.
Status check_rates(const Modifier& a, const Modifier& b) {
  if (a.action.index() != b.action.index()) return {};
  const std::vector<int> groups = rate_groups(a), others = rate_groups(b);
  const bool meet =
      std::ranges::any_of(groups, [&](int group) { return std::ranges::find(others, group) != others.end(); });
  if (!meet) return {};
  if (both_are<LearningRateFunction>(a, b) && overlap(a, b))
    return error_at(b, "start_epoch", fmt::format("its epochs and groups overlap with {}", other(a)));
  if (both_are<SetLearningRate>(a, b) && a.start_epoch == b.start_epoch)
    return error_at(b, "start_epoch", fmt::format("the rate is set at this epoch by {} too", other(a)));
  return {};
}

// By name, the modifiers that prune it.
using Pruners = std::map<std::string, std::vector<const Modifier*>>;

Status check_pruned(const Modifier& modifier, Pruners& pruners) {
  const char* field = modifier.lines.contains("params") ? "params" : "final_sparsity";
  for (const std::string& name : pruned_params(modifier)) {
    std::vector<const Modifier*>& before = pruners[name];
    for (const Modifier* one : before) {
      if (one == &modifier) return error_at(modifier, field, fmt::format("{} is named twice", printable_name(name)));
      if (overlap(*one, modifier))
        return error_at(modifier, field, fmt::format("{} is pruned by {} too", printable_name(name), other(*one)));
    }
    before.push_back(&modifier);
  }
  return {};
}

}  // namespace

std::vector<std::string> pruned_params(const Modifier& modifier) {
  std::vector<std::string> names;
  if (const auto* constant = std::get_if<ConstantPruning>(&modifier.action)) return constant->params;
  if (const auto* acdc = std::get_if<AcdcPruning>(&modifier.action)) return acdc->params;
  if (const auto* pruning = std::get_if<Pruning>(&modifier.action)) {
    for (const Pruning::Tier& tier : pruning->tiers) names.insert(names.end(), tier.params.begin(), tier.params.end());
  }
  return names;
}

bool overlap(const Modifier& a, const Modifier& b) {
  const auto end = [](const Modifier& one) {
    return one.end_epoch < 0 ? std::numeric_limits<double>::infinity() : one.end_epoch;
  };
  return std::max(a.start_epoch, b.start_epoch) < std::min(end(a), end(b));
}

Status check_overlaps(const std::vector<Modifier>& modifiers) {
  Pruners pruners;
  for (std::size_t i = 0; i < modifiers.size(); ++i) {
    const Modifier& one = modifiers[i];
    SAKER_TRY(check_pruned(one, pruners));
    for (std::size_t k = 0; k < i; ++k) {
      const Modifier& before = modifiers[k];
      if (both_are<EpochRange>(before, one) || both_are<Quantization>(before, one))
        return error_at(one, "", fmt::format("there is one already, {}", other(before)));
      SAKER_TRY(check_rates(before, one));
    }
  }
  return {};
}

}  // namespace saker::recipe
