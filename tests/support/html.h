// Whether HTML that a program wrote is well formed.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace saker::test {

// Every element is closed in order and attributes are quoted: "", or what is wrong.
inline std::string unbalanced(std::string html) {
  for (const std::string tag : {"style", "script"}) {  // no markup inside
    const std::size_t from = html.find("<" + tag + ">"), to = html.find("</" + tag + ">");
    if (from == std::string::npos || to == std::string::npos) return "no <" + tag;
    html.erase(from, to - from + tag.size() + 3);
  }
  const std::set<std::string> without_end = {"!DOCTYPE", "meta", "img"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return "quotes of <" + tag;
    if (name[0] == '/') {
      if (open.empty() || "/" + open.back() != name) return "unexpected <" + name;
      open.pop_back();
    } else if (!without_end.contains(name)) {
      open.push_back(name);
    }
    at = end;
  }
  return open.empty() ? "" : "<" + open.back() + " is not closed";
}

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace saker::test
