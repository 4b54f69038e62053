// The table of modifiers that recipes may name, with how each one's fields are read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "recipe/fields.h"
#include "recipe/recipe.h"

namespace saker::recipe {

enum class End : std::uint8_t {
  kNone,  // it happens once, or for good: SparseML leaves its end at -1
  kMay,
  kMust,
};

struct KnownModifier {
  std::string_view type;
  End end = End::kNone;
  double start;                    // where the recipe does not say: -1, from the beginning
  Action (*read)(Fields& fields);  // all but the epochs
};

std::span<const KnownModifier> known_modifiers();

}  // namespace saker::recipe
