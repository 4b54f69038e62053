#include "eval/class_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/text.h"

namespace saker {
namespace {

std::string normalised(const std::string& name) {
  std::string text;
  for (const char c : lower_case(name)) {
    const bool gap = c == '_' || c == '-' || c == ' ';
    if (gap && (text.empty() || text.back() == ' ')) continue;
    text.push_back(gap ? ' ' : c);
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

std::vector<std::string> category_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Category& category : dataset.categories) names.push_back(category.name);
  return names;
}

// The categories in the order of their ids, as trainers number them.
std::vector<std::int32_t> by_id(const Dataset& dataset) {
  std::vector<std::int32_t> order(dataset.categories.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {},
                           [&](std::int32_t i) { return dataset.categories[static_cast<std::size_t>(i)].id; });
  return order;
}

void note_gaps(ClassMap& map, std::span<const std::string> labels, const Dataset& dataset) {
  std::vector<std::string> dropped, missing;
  std::vector<bool> covered(dataset.categories.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (map.category[i] < 0) {
      dropped.push_back(labels[i]);
    } else {
      covered[static_cast<std::size_t>(map.category[i])] = true;
    }
  }
  for (std::size_t i = 0; i < covered.size(); ++i) {
    if (!covered[i]) missing.push_back(dataset.categories[i].name);
  }
  if (!dropped.empty()) {
    map.notes.push_back(fmt::format("boxes of {} classes are left out, as the data has no such category: {}",
                                    dropped.size(), listed(dropped)));
  }
  if (!missing.empty()) {
    map.notes.push_back(
        fmt::format("the model has no class for {} categories of the data: {}", missing.size(), listed(missing)));
  }
}

}  // namespace

Result<ClassMap> map_classes(std::span<const std::string> labels, const Dataset& dataset) {
  std::map<std::string, std::int32_t> known;
  for (const std::int32_t i : by_id(dataset)) {
    known.emplace(normalised(dataset.categories[static_cast<std::size_t>(i)].name), i);
  }
  ClassMap map;
  bool any = false;
  for (const std::string& label : labels) {
    const auto found = known.find(normalised(label));
    map.category.push_back(found == known.end() ? -1 : found->second);
    any = any || found != known.end();
  }
  if (any) {
    note_gaps(map, labels, dataset);
    return map;
  }
  const std::vector<std::string> model_names(labels.begin(), labels.end());
  if (labels.size() != dataset.categories.size()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("none of the model's {} classes ({}) is among the {} categories of {} ({})\n"
                             "give the model's class names with `labels` FILE",
                             labels.size(), listed(model_names), dataset.categories.size(), dataset.path,
                             listed(category_names(dataset))),
                 "labels"};
  }
  map.category = by_id(dataset);
  map.notes.push_back(
      fmt::format("no class name of the model ({}) is in the data ({}): matched in the order of the ids",
                  listed(model_names), listed(category_names(dataset))));
  return map;
}

}  // namespace saker
