#include "recipe/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/files.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "recipe/check.h"
#include "recipe/document.h"
#include "recipe/known_modifiers.h"

namespace saker::recipe {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20, kMaxModifiers = 1000;

Error unknown(const Document& document, int line, const std::string& type) {
  std::vector<std::string> names;
  for (const KnownModifier& known : known_modifiers()) names.emplace_back(known.type);
  const auto near = nearest(type, names);
  return document.error(line,
                        fmt::format("{} is no modifier that saker knows{}\nThere are {}", printable_name(type),
                                    near ? fmt::format("; did you mean {}?", *near) : "", fmt::join(names, ", ")));
}

// start_epoch and end_epoch: in order, and an end where there has to be one.
void read_epochs(Fields& fields, const KnownModifier& known) {
  Modifier& modifier = fields.modifier();
  modifier.start_epoch = fields.epoch("start_epoch", known.start);
  modifier.end_epoch = fields.epoch("end_epoch", known.end == End::kMust ? std::nullopt : std::optional(-1.0));
  if (modifier.end_epoch < 0) {
    if (known.end == End::kMust) fields.wrong("end_epoch", "it has to end at an epoch");
    return;
  }
  if (known.end == End::kNone) fields.wrong("end_epoch", "it has no end: leave it out");
  const double start = std::max(modifier.start_epoch, 0.0);
  // Pruning that ends where it starts makes everything zero at once.
  const bool at_once = std::holds_alternative<Pruning>(modifier.action) && modifier.end_epoch == start;
  if (modifier.end_epoch <= start && !at_once)
    fields.wrong("end_epoch", fmt::format("it ends at {:g} and starts at {:g}", modifier.end_epoch, start));
}

Result<Modifier> read_modifier(Document& document, const YAML::Node& node, int line, std::vector<std::string>& notes) {
  if (!node.Mark().is_null()) line = node.Mark().line + 1;
  const std::string tag = node.Tag();
  if (tag.size() < 2 || tag[0] != '!' || tag[1] == '!')
    return document.error(line, "a modifier is expected: - !GMPruningModifier, and its fields below");
  Modifier modifier;
  modifier.type = tag.substr(1);
  modifier.file = document.file();
  modifier.line = line;
  const auto known = std::ranges::find(known_modifiers(), std::string_view(modifier.type), &KnownModifier::type);
  if (known == known_modifiers().end()) return unknown(document, line, modifier.type);
  std::vector<Entry> entries;
  if (node.IsMap()) {
    SAKER_ASSIGN(entries, document.entries(node, line));
  } else if (!node.IsNull() && !(node.IsScalar() && node.Scalar().empty())) {
    return error_at(modifier, "", "its fields are expected, a name and a value each");
  }
  Fields fields(document, modifier, std::move(entries));
  modifier.action = known->read(fields);
  read_epochs(fields, *known);
  SAKER_TRY(fields.status());
  notes.insert(notes.end(), fields.notes().begin(), fields.notes().end());
  return modifier;
}

Result<Recipe> read_document(Document& document) {
  Recipe recipe;
  bool any = false;
  for (const Entry& entry : document.top()) {
    if (entry.value.IsMap()) {
      for (const auto& inner : entry.value) {
        if (inner.first.IsScalar() && names_modifiers(inner.first.Scalar()))
          return document.error(entry.line, fmt::format("{}: recipes of several stages are not read: write each into a "
                                                        "file of its own",
                                                        printable_name(entry.key)));
      }
    }
    if (!names_modifiers(entry.key) || entry.value.IsNull()) continue;
    any = true;
    if (!entry.value.IsSequence())
      return document.error(entry.line, fmt::format("{}: a list of modifiers is expected", printable_name(entry.key)));
    SAKER_TRY(document.count(entry.value.size(), entry.line));
    for (const auto& node : entry.value) {
      SAKER_ASSIGN(Modifier modifier, read_modifier(document, node, entry.line, recipe.notes));
      if (recipe.modifiers.size() == kMaxModifiers)
        return document.error(modifier.line, fmt::format("more than {} modifiers", kMaxModifiers));
      recipe.epochs = std::max(recipe.epochs, modifier.end_epoch);
      recipe.modifiers.push_back(std::move(modifier));
    }
  }
  if (!any)
    return document.error(1, "no list of modifiers is there: training_modifiers, pruning_modifiers or the like");
  SAKER_TRY(check_overlaps(recipe.modifiers));
  return recipe;
}

}  // namespace

Error error_at(const Modifier& modifier, std::string_view field, std::string_view what) {
  const auto found = modifier.lines.find(field);
  const int line = found == modifier.lines.end() ? modifier.line : found->second;
  const std::string name = field.empty() ? "" : fmt::format(", {}", printable_name(field));
  return {ErrorCode::kInvalid, fmt::format("{}, line {}: {}{}: {}", modifier.file, line, modifier.type, name, what)};
}

Result<Recipe> parse_recipe(const std::string& text, const std::string& name, const Arguments& arguments) {
  if (text.size() > kMaxFile) return Error{ErrorCode::kLimit, fmt::format("{}: more than {} KB", name, kMaxFile >> 10)};
  SAKER_ASSIGN(const std::string yaml, yaml_part(text, name));
  try {
    Document document(name, yaml);
    SAKER_TRY(document.begin(arguments));
    SAKER_ASSIGN(Recipe recipe, read_document(document));
    recipe.file = name;
    recipe.text = text;
    return recipe;
  } catch (const YAML::Exception& error) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}, line {}: {}", name, std::max(error.mark.line, 0) + 1, printable(error.msg))};
  }
}

Result<Recipe> read_recipe(const std::string& path, const Arguments& arguments) {
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxFile));
  return parse_recipe({reinterpret_cast<const char*>(file.data.get()), file.size}, path, arguments);
}

Result<Arguments> read_arguments(const std::string& json_or_path) {
  std::string text = json_or_path, name = "the recipe's arguments";
  if (!trimmed(text).starts_with("{")) {
    SAKER_ASSIGN(const FileBytes file, read_named_file(json_or_path, kMaxFile));
    text.assign(reinterpret_cast<const char*>(file.data.get()), file.size);
    name = json_or_path;
  }
  try {
    Arguments arguments;
    const YAML::Node root = YAML::Load(text);  // JSON is YAML
    if (!root.IsMap())
      return Error{ErrorCode::kInvalid, fmt::format("{}: names and values are expected: {{\"num_epochs\": 50}}", name)};
    for (const auto& pair : root) {
      if (!pair.first.IsScalar()) return Error{ErrorCode::kInvalid, fmt::format("{}: a name is no word", name)};
      YAML::Emitter value;
      value << YAML::Flow << pair.second;
      arguments[pair.first.Scalar()] = value.c_str();
    }
    return arguments;
  } catch (const YAML::Exception& error) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}, line {}: {}", name, std::max(error.mark.line, 0) + 1, printable(error.msg))};
  }
}

}  // namespace saker::recipe
