// libFuzzer target: recipes as YAML and as Markdown, and the values of their variables. The first byte says which.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "recipe/recipe.h"

namespace {

void check(const saker::Result<saker::recipe::Recipe>& recipe) {
  if (!recipe.ok()) {
    if (recipe.error().message.empty() || recipe.error().code == saker::ErrorCode::kInternal) std::abort();
    return;
  }
  for (const saker::recipe::Modifier& modifier : recipe->modifiers) {
    if (modifier.line < 1 || !std::isfinite(modifier.start_epoch) || !std::isfinite(modifier.end_epoch)) std::abort();
    if (modifier.end_epoch >= 0 && modifier.end_epoch < modifier.start_epoch) std::abort();
    if (modifier.end_epoch > recipe->epochs) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      check(saker::recipe::parse_recipe(text, "r.yaml", {}));
      break;
    case 1:
      check(saker::recipe::parse_recipe(text, "r.md", {{"num_epochs", "7"}}));
      break;
    default:
      if (const auto arguments = saker::recipe::read_arguments("{" + text); arguments.ok())
        check(saker::recipe::parse_recipe(
            "num_epochs: 3\nmodifiers:\n- !EpochRangeModifier {end_epoch: eval(num_epochs)}\n", "r.yaml", *arguments));
      break;
  }
  return 0;
}
