// Names of classes as exports of the YOLO families store them: the repr of a Python dict from id to name, or of a list.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace saker {

constexpr int kMaxLabels = 10000;
using LabelMap = std::map<int, std::string>;

// Whether it is a number within [0, kMaxLabels), which goes to `id`.
bool parse_class_id(std::string_view text, int& id);

// {0: 'a', 1: "b"} or ['a', 'b']; keys may be quoted, as JSON has them. Names are of one line. Nothing where the text
// is something else.
std::optional<LabelMap> read_python_names(std::string_view text);

}  // namespace saker
