// Counting things in English: "4 persons", "1 bus".
#pragma once

#include <cstddef>
#include <string>

namespace saker {

// Labels that are not English words ("7", "Füße") become "3 x 7".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace saker
