#include "model/python_repr.h"

#include <fmt/format.h>

namespace saker {

std::string python_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string python_dict(const std::vector<std::string>& names) {
  std::string dict = "{";
  for (std::size_t i = 0; i < names.size(); ++i)
    dict += fmt::format("{}{}: {}", i == 0 ? "" : ", ", i, python_text(names[i]));
  return dict + "}";
}

}  // namespace saker
