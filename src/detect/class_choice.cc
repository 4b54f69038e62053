// Which classes somebody wants: names or ids to class ids.
#include "detect/class_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "detect/labels.h"

namespace saker {

std::vector<std::string> expected_labels(const Model& model, const std::vector<std::string>& given) {
  if (!given.empty()) return given;
  auto own = labels_of(model);
  return own.ok() && !own->empty() ? std::move(own).value() : coco80_labels();
}

Result<std::vector<std::string>> read_class_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kMaxBytes));
  std::istringstream lines(
      std::string(without_byte_order_mark({reinterpret_cast<const char*>(bytes.data.get()), bytes.size})));
  std::vector<std::string> wanted;
  for (std::string line; std::getline(lines, line);) {
    const std::string name(trimmed(line.substr(0, line.find('#'))));
    if (!name.empty()) wanted.push_back(name);
  }
  if (wanted.empty()) return Error{ErrorCode::kInvalid, path + ": names no class"};
  return wanted;
}

static Error unknown_class(const std::string& name, const std::vector<std::string>& labels) {
  std::string text = fmt::format("no class '{}'", name);
  if (const auto similar = nearest(name, labels)) {
    text += fmt::format(": did you mean '{}'?", *similar);
  } else {
    constexpr std::size_t kShown = 10;
    std::string some;
    for (std::size_t i = 0; i < std::min(kShown, labels.size()); ++i) some += (i > 0 ? ", " : "") + labels[i];
    text += fmt::format("; there are {}: {}{}", labels.size(), some, labels.size() > kShown ? ", ..." : "");
  }
  return {ErrorCode::kInvalid, text};
}

Result<std::vector<int>> resolve_classes(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& labels) {
  constexpr std::int64_t kMaxId = 1'000'000;
  std::set<int> ids;
  for (const std::string& text : wanted) {
    const std::string name(trimmed(text));
    const auto found = std::find(labels.begin(), labels.end(), name);
    const auto id = parse_whole(name);
    if (found != labels.end()) {
      ids.insert(static_cast<int>(found - labels.begin()));
    } else if (id && *id >= 0 && *id < kMaxId) {
      ids.insert(static_cast<int>(*id));
    } else {
      return unknown_class(name, labels);
    }
  }
  return std::vector<int>(ids.begin(), ids.end());
}

}  // namespace saker
