#include "recipe_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/try.h"
#include "model_choice.h"

namespace saker::train_cli {
namespace {

bool says(const Arguments& given, std::string_view name) {
  return std::ranges::any_of(given.given, [&](const Given& one) { return split(one.setting->names, ' ')[0] == name; });
}

std::string as_text(const recipe::Arguments& arguments) {
  std::string text;
  for (const auto& [name, value] : arguments)
    text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", name, value);
  return "{" + text + "}";
}

// Epochs of the recipe, or a note on what does not come to its end within those that were given.
void settle_epochs(const recipe::Recipe& recipe, bool given, Setup& setup, std::vector<std::string>& notes) {
  std::int64_t& epochs = setup.options.epochs;
  if (recipe.epochs > 0 && !given) epochs = static_cast<std::int64_t>(std::ceil(recipe.epochs));
  for (const recipe::Modifier& modifier : recipe.modifiers) {
    const double end = std::max(modifier.start_epoch, modifier.end_epoch), there = static_cast<double>(epochs);
    if (end > there && !std::holds_alternative<recipe::EpochRange>(modifier.action))
      notes.push_back(recipe::error_at(modifier, modifier.end_epoch > there ? "end_epoch" : "start_epoch",
                                       fmt::format("{:g} is behind the training's end, {} epochs", end, epochs))
                          .message);
  }
}

// The student shares its tensors with the network, but none of its layers: those may be moved.
Result<train::Teaching> teaching_of(const Prepared& prepared) {
  using By = train::Teaching::By;
  train::Teaching teaching;
  const std::string& wanted = prepared.setup.teacher;
  if (wanted.empty() || lower_case(wanted) == "disable") return teaching;
  teaching.by = lower_case(wanted) == "self" ? By::kItself : By::kNetwork;
  teaching.student = std::make_shared<nets::Network>(prepared.network);
  if (teaching.by == By::kItself) return teaching;
  SAKER_ASSIGN(nets::Network teacher, read_float_network(wanted));
  teaching.teacher = std::make_shared<nets::Network>(std::move(teacher));
  return teaching;
}

}  // namespace

Status take_recipe(const Arguments& given, Setup& setup, Prepared& prepared) {
  const bool kept = prepared.resumed && !setup.recipe_text.empty();
  if (setup.recipe.empty() && setup.recipe_text.empty()) {
    if (setup.recipe_args.empty() && !setup.one_shot) return {};
    return Error{ErrorCode::kInvalid, "no recipe is named: --recipe FILE"};
  }
  recipe::Arguments arguments;
  if (!setup.recipe_args.empty()) {
    SAKER_ASSIGN(arguments, recipe::read_arguments(setup.recipe_args));
    setup.recipe_args = as_text(arguments);  // a file may be gone when the run goes on
  }
  if (kept || setup.recipe.empty()) {
    SAKER_ASSIGN(prepared.recipe,
                 recipe::parse_recipe(setup.recipe_text, setup.recipe.empty() ? "recipe" : setup.recipe, arguments));
  } else {
    SAKER_ASSIGN(prepared.recipe, recipe::read_recipe(setup.recipe, arguments));
  }
  setup.recipe_text = prepared.recipe->text;
  settle_epochs(*prepared.recipe, says(given, "epochs"), setup, prepared.notes);
  prepared.notes.insert(prepared.notes.end(), prepared.recipe->notes.begin(), prepared.recipe->notes.end());
  return {};
}

Status check_recipe(Prepared& prepared) {
  if (!prepared.recipe) {
    if (prepared.setup.teacher.empty()) return {};
    return Error{ErrorCode::kInvalid,
                 "a teacher is named, and no recipe that says what to learn from it: --recipe FILE"};
  }
  SAKER_ASSIGN(const train::Teaching teaching, teaching_of(prepared));
  SAKER_ASSIGN(prepared.modifiers, train::make_modifiers(*prepared.recipe, teaching));
  const auto frozen = [&](const std::string& name) {
    return std::ranges::any_of(prepared.options.freeze,
                               [&](const std::string& begin) { return name.starts_with(begin); });
  };
  const train::Weights weights(prepared.network, frozen);
  SAKER_TRY(train::check_modifiers(*prepared.recipe, prepared.modifiers, weights));
  for (const auto& modifier : prepared.modifiers) {
    for (std::string& note : modifier->notes(weights)) prepared.notes.push_back(std::move(note));
  }
  return {};
}

}  // namespace saker::train_cli
