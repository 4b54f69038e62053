#include "recipe/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "recipe/expression.h"

namespace saker::recipe {
namespace {

// SparseML's own recipes have up to 200 lines.
constexpr std::size_t kMaxYaml = std::size_t{256} << 10, kMaxValues = 100'000, kMaxChain = 50;

bool is_plain_name(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The line from `at` on, without white space at its end; `at` moves behind it.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool names_modifiers(std::string_view key) {
  return key.find("modifiers") != std::string_view::npos;
}

Result<std::string> yaml_part(std::string_view text, const std::string& name) {
  std::size_t second = 0;
  const bool fenced = lower_extension(name) == ".md" || next_line(text, second) == "---";
  std::string part;
  bool inside = !fenced;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = next_line(text, at);
    if (line == "---" && fenced) {
      if (inside) break;
      inside = true;
      part += '\n';
    } else {
      if (inside) part += line;
      part += '\n';
    }
  }
  if (!inside)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: there is no recipe between two lines of ---, as Markdown has it", name)};
  if (part.size() > kMaxYaml)
    return Error{ErrorCode::kLimit, fmt::format("{}: more than {} KB of recipe", name, kMaxYaml >> 10)};
  return part;
}

Error Document::error(int line, std::string_view what) const {
  return {ErrorCode::kInvalid, fmt::format("{}, line {}: {}", file_, line, what)};
}

Status Document::count(std::size_t values, int line) {
  counted_ += values;
  if (counted_ <= kMaxValues) return {};
  return Error{ErrorCode::kLimit,
               error(line, fmt::format("with its aliases the recipe has more than {} values", kMaxValues)).message};
}

Result<std::vector<Entry>> Document::entries(const YAML::Node& map, int line) {
  SAKER_TRY(count(map.size(), line));
  std::vector<Entry> all;
  std::set<std::string> seen;
  for (const auto& pair : map) {
    const int at = pair.first.Mark().is_null() ? line : pair.first.Mark().line + 1;
    if (!pair.first.IsScalar()) return error(at, "a name is expected here");
    Entry entry{pair.first.Scalar(), pair.second, at};
    if (!seen.insert(entry.key).second) return error(at, fmt::format("'{}' is there twice", printable_name(entry.key)));
    all.push_back(std::move(entry));
  }
  return all;
}

Status Document::begin(const Arguments& arguments) {
  if (!root_.IsMap()) return error(1, "no recipe: names and values are expected, and lists of modifiers");
  SAKER_ASSIGN(top_, entries(root_, 1));
  for (const auto& [name, value] : arguments) SAKER_TRY(give(name, value));
  return {};
}

Status Document::give(const std::string& name, const std::string& value) {
  const auto found = std::ranges::find(top_, name, &Entry::key);
  if (found == top_.end() || names_modifiers(name)) {
    std::vector<std::string> names;
    for (const Entry& entry : top_) {
      if (!names_modifiers(entry.key)) names.push_back(printable_name(entry.key));
    }
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: the recipe has no variable '{}' to give a value; it has {}", file_,
                             printable_name(name), names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))};
  }
  // Into the node that aliases share.
  if (const YAML::Node node = YAML::Load(value); node.IsScalar()) {
    found->value = node.Scalar();
  } else {
    found->value = node;
  }
  return {};
}

Result<const Entry*> Document::variable(const std::string& name, int line) const {
  const auto found = std::ranges::find(top_, name, &Entry::key);
  if (found != top_.end() && !names_modifiers(name)) return &*found;
  std::vector<std::string> names;
  for (const Entry& entry : top_) names.push_back(entry.key);
  const auto near = nearest(name, names);
  return error(line, fmt::format("eval: there is no variable '{}'{}", printable_name(name),
                                 near ? fmt::format("; did you mean {}?", *near) : ""));
}

Result<double> Document::number_of(const std::string& name, int line) {
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  SAKER_ASSIGN(const Entry* entry, variable(name, line));
  if (!open_.insert(name).second || open_.size() > kMaxChain)
    return error(entry->line, fmt::format("'{}' hangs on itself, or on too many others", name));
  auto node = resolved(entry->value, entry->line);
  open_.erase(name);
  if (!node) return node.error();
  const auto number = node->IsScalar() ? parse_number(node->Scalar()) : std::nullopt;
  if (!number) return error(entry->line, fmt::format("'{}' is no number", name));
  known_[name] = *number;
  return *number;
}

Result<YAML::Node> Document::resolved(const YAML::Node& node, int line) {
  if (!node.IsScalar()) return node;
  const std::string_view text = trimmed(node.Scalar());
  if (!text.starts_with("eval(") || !text.ends_with(")")) return node;
  const std::string inner(trimmed(text.substr(5, text.size() - 6)));
  if (is_plain_name(inner)) {  // of any type
    SAKER_ASSIGN(const Entry* entry, variable(inner, line));
    if (!open_.insert(inner).second || open_.size() > kMaxChain)
      return error(entry->line, fmt::format("'{}' hangs on itself, or on too many others", inner));
    auto value = resolved(entry->value, entry->line);
    open_.erase(inner);
    return value;
  }
  bool said = false;  // errors of variables name their lines themselves
  const auto value = evaluate(inner, [&](const std::string& name) {
    auto number = number_of(name, line);
    said = said || !number.ok();
    return number;
  });
  if (!value) return said ? value.error() : error(line, fmt::format("eval: {}", value.error().message));
  return YAML::Node(fmt::format("{}", *value));
}

}  // namespace saker::recipe
