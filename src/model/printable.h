// Names out of files, for messages.
#pragma once

#include <string>
#include <string_view>

namespace saker {

// No control characters, not endless.
std::string printable(std::string_view name);

}  // namespace saker
