// The arithmetic of `eval(..)` in recipes: numbers, variables, + - * / // % **, brackets, and abs, float, int, max,
// min, round. What Python would do more is refused.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <string_view>

namespace saker::recipe {

// The value of a variable, or what is wrong with it.
using ValueOf = std::function<Result<double>(const std::string& name)>;

// Error kInvalid: what is wrong with the text, in words. At most 1,000 characters, brackets 50 deep.
Result<double> evaluate(std::string_view text, const ValueOf& value_of);

}  // namespace saker::recipe
