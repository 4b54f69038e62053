#include "recipe/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/nearest.h"
#include "base/text.h"

namespace saker::recipe {

Fields::Fields(Document& document, Modifier& modifier, std::vector<Entry> entries)
    : document_(document), modifier_(modifier) {
  for (Entry& entry : entries) {
    modifier.lines[entry.key] = entry.line;
    fields_.push_back({std::move(entry), false});
  }
}

int Fields::line_of(std::string_view name) const {
  const auto found = modifier_.lines.find(name);
  return found == modifier_.lines.end() ? modifier_.line : found->second;
}

void Fields::wrong(std::string_view name, std::string_view what) {
  if (!wrong_) wrong_ = error_at(modifier_, name, what);
}

YAML::Node Fields::node(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.emplace_back(name);
  const YAML::Node none(YAML::NodeType::Undefined);
  for (Field& field : fields_) {
    if (field.entry.key != name) continue;
    field.asked = true;
    const auto value = document_.resolved(field.entry.value, field.entry.line);
    if (!value) {
      if (!wrong_) wrong_ = value.error();
      return none;
    }
    const bool null = value->IsNull() || (value->IsScalar() && (value->Scalar() == "None" || value->Scalar().empty()));
    return null ? none : *value;
  }
  return none;
}

std::string Fields::said(const YAML::Node& node) const {
  return node.IsScalar() ? fmt::format("'{}'", printable_name(node.Scalar(), 60)) : "what is there";
}

double Fields::number(std::string_view name, std::optional<double> otherwise, double low, double high) {
  const YAML::Node value = node(name);
  if (!value.IsDefined()) {
    if (!otherwise) wrong(name, "it is missing");
    return otherwise.value_or(low);
  }
  const auto number = value.IsScalar() ? parse_number(value.Scalar()) : std::nullopt;
  if (number && *number >= low && *number <= high) return *number;
  wrong(name, fmt::format("{} is no number from {:g} to {:g}", said(value), low, high));
  return low;
}

double Fields::epoch(std::string_view name, std::optional<double> otherwise) {
  const double value = number(name, otherwise, -1, kMaxEpochs);
  if (value < 0 && value != -1) wrong(name, "epochs count from 0; -1 is none");
  return value;
}

int Fields::whole(std::string_view name, int otherwise, int low, int high) {
  const double value = number(name, otherwise, low, high);
  if (value != std::trunc(value)) wrong(name, fmt::format("{:g} is no whole number", value));
  return static_cast<int>(value);
}

bool Fields::truth(std::string_view name, bool otherwise) {
  const YAML::Node value = node(name);
  if (!value.IsDefined()) return otherwise;
  const std::string word = value.IsScalar() ? lower_case(value.Scalar()) : "";
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word != "false" && word != "no" && word != "off" && word != "0")
    wrong(name, fmt::format("{} is neither True nor False", said(value)));
  return false;
}

std::size_t Fields::choice(std::string_view name, std::optional<std::size_t> otherwise,
                           const std::vector<std::string>& choices) {
  const YAML::Node value = node(name);
  if (!value.IsDefined()) {
    if (!otherwise) wrong(name, fmt::format("it is missing; there are {}", fmt::join(choices, ", ")));
    return otherwise.value_or(0);
  }
  const auto found = value.IsScalar() ? std::ranges::find(choices, value.Scalar()) : choices.end();
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  wrong(name, fmt::format("{} is not known; there are {}", said(value), fmt::join(choices, ", ")));
  return 0;
}

std::vector<std::string> Fields::words_of(const YAML::Node& node, std::string_view name) {
  std::vector<std::string> words;
  if (node.IsScalar()) return {node.Scalar()};
  if (!node.IsSequence()) {
    wrong(name, "a name or a list of names is expected");
    return words;
  }
  if (const Status counted = document_.count(node.size(), line_of(name)); !counted.ok()) {
    if (!wrong_) wrong_ = counted.error();
    return words;
  }
  for (const auto& item : node) {
    if (!item.IsScalar()) {
      wrong(name, "a list of names is expected, and one of them is none");
      return words;
    }
    words.push_back(item.Scalar());
  }
  return words;
}

std::vector<std::string> Fields::words(std::string_view name, bool needed) {
  const YAML::Node value = node(name);
  if (!value.IsDefined()) {
    if (needed) wrong(name, "it is missing");
    return {};
  }
  std::vector<std::string> words = words_of(value, name);
  if (needed && words.empty()) wrong(name, "the list is empty");
  return words;
}

std::vector<double> Fields::numbers(std::string_view name) {
  std::vector<double> numbers;
  for (const std::string& word : words(name, false)) {
    const auto number = parse_number(word);
    if (!number) wrong(name, fmt::format("'{}' is no number", printable_name(word, 60)));
    numbers.push_back(number.value_or(0));
  }
  return numbers;
}

std::vector<int> Fields::groups() {
  std::vector<int> groups;
  for (const double number : numbers("param_groups")) {
    if (number != 0 && number != 1 && number != 2)
      wrong("param_groups", "there are 0 (normalizations), 1 (weights) and 2 (biases)");
    groups.push_back(static_cast<int>(std::clamp(number, 0.0, 2.0)));
  }
  return groups;
}

std::vector<Entry> Fields::entries(std::string_view name) {
  const YAML::Node value = node(name);
  if (!value.IsDefined()) return {};
  if (!value.IsMap()) {
    wrong(name, "a map is expected");
    return {};
  }
  auto entries = document_.entries(value, line_of(name));
  for (std::size_t i = 0; entries && i < entries->size(); ++i) {
    Entry& entry = (*entries)[i];
    const auto key = document_.resolved(YAML::Node(entry.key), entry.line);
    if (!key) {
      if (!wrong_) wrong_ = key.error();
      return {};
    }
    entry.key = key->IsScalar() ? key->Scalar() : "";
  }
  if (entries) return *entries;
  if (!wrong_) wrong_ = entries.error();
  return {};
}

void Fields::ignore(const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    if (has(name)) notes_.push_back(error_at(modifier_, name, "changes nothing here").message);
  }
}

Status Fields::status() {
  if (wrong_) return *wrong_;
  for (const Field& field : fields_) {
    if (field.asked) continue;
    const auto near = nearest(field.entry.key, known_);
    return error_at(modifier_, field.entry.key,
                    fmt::format("there is no such field{}; there are {}",
                                near ? fmt::format(" (did you mean {}?)", *near) : "", fmt::join(known_, ", ")));
  }
  return {};
}

}  // namespace saker::recipe
