// Values as Python's repr() writes them, in which exports of the YOLO families keep their metadata.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker {

// 'text'
std::string python_text(std::string_view text);
// {0: 'person', 1: 'bicycle'}
std::string python_dict(const std::vector<std::string>& names);

}  // namespace saker
