// The known name nearest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

// Empty when nothing is near enough to be meant.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace saker
