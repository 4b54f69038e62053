#include "data/yolo_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"

namespace saker {
namespace {

// Labels made by rounding stick out of the picture a little; the trainers allow as much.
constexpr double kSlack = 0.01;

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
}

Result<std::vector<double>> parse_columns(std::string_view line) {
  constexpr std::string_view kSpaces = " \t\r\v\f";
  std::vector<double> columns;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
    if (line.empty()) return columns;
    const std::string_view word = line.substr(0, line.find_first_of(kSpaces));
    line.remove_prefix(word.size());
    const auto value = parse_number(word);
    if (!value)
      return invalid(fmt::format("column {} (\"{}\") is not a number", columns.size() + 1, word.substr(0, 40)));
    columns.push_back(*value);
  }
}

Result<std::int32_t> parse_class(double value, std::size_t classes) {
  if (value < 0 || std::trunc(value) != value) return invalid(fmt::format("the class {} is not a whole number", value));
  if (classes > 0 && value >= static_cast<double>(classes)) {
    return invalid(
        fmt::format("the class is {}, but there are names for {} only (0 to {})", value, classes, classes - 1));
  }
  if (value >= kMaxClasses) return invalid(fmt::format("the class {} is not below {}", value, kMaxClasses));
  return static_cast<std::int32_t>(value);
}

LabelBox box_around(const std::vector<double>& columns) {
  double left = columns[1], right = left, top = columns[2], bottom = top;
  for (std::size_t i = 3; i + 1 < columns.size(); i += 2) {
    left = std::min(left, columns[i]);
    right = std::max(right, columns[i]);
    top = std::min(top, columns[i + 1]);
    bottom = std::max(bottom, columns[i + 1]);
  }
  return {0, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
}

Status check_count(std::size_t count) {
  if (count == 6) {
    return invalid("6 columns: a box has 5 (class cx cy w h), a polygon 7 or more; is the last one a confidence?");
  }
  if (count < 5 || (count > 5 && count % 2 == 0)) {
    return invalid(
        fmt::format("{} columns, where a box has 5 (class cx cy w h) and a polygon an odd number from 7", count));
  }
  return {};
}

Status check_keypoints(const std::vector<double>& columns, KeypointShape shape) {
  const std::size_t count = columns.size(), dims = static_cast<std::size_t>(shape.dims);
  const std::size_t wanted = 5 + static_cast<std::size_t>(shape.points) * dims;
  if (count != wanted) {
    return invalid(fmt::format("{} columns, where `kpt_shape` [{}, {}] makes it {} (class cx cy w h and {} points)",
                               count, shape.points, shape.dims, wanted, shape.points));
  }
  for (std::size_t i = 7; dims == 3 && i < count; i += dims) {
    if (columns[i] < 0 || columns[i] > 2)
      return invalid(fmt::format("{} in column {} is not a point's visibility (0, 1 or 2)", columns[i], i + 1));
  }
  return {};
}

Result<LabelBox> parse_line(std::string_view line, std::size_t classes, KeypointShape keypoints) {
  SAKER_ASSIGN(const std::vector<double> columns, parse_columns(line));
  const std::size_t count = columns.size();
  const bool is_pose = keypoints.points > 0;
  SAKER_TRY(is_pose ? check_keypoints(columns, keypoints) : check_count(count));
  const bool is_box = is_pose || count == 5;
  SAKER_ASSIGN(const std::int32_t category, parse_class(columns[0], classes));
  if (is_box && (columns[3] < 0 || columns[4] < 0)) {
    return invalid(fmt::format("the negative size {} x {}", columns[3], columns[4]));
  }
  for (std::size_t i = 1; i < count; ++i) {
    if (is_pose && keypoints.dims == 3 && i >= 7 && (i - 7) % 3 == 0) continue;  // a visibility
    if (columns[i] < -kSlack || columns[i] > 1 + kSlack) {
      return invalid(fmt::format("{} in column {} is not within 0 and 1; divide by the picture's width or height",
                                 columns[i], i + 1));
    }
  }
  LabelBox box = is_box ? LabelBox{0, columns[1], columns[2], columns[3], columns[4]} : box_around(columns);
  box.category = category;
  return box;
}

}  // namespace

Result<std::vector<LabelBox>> parse_yolo_labels(std::string_view text, const std::string& file, std::size_t classes,
                                                KeypointShape keypoints, BadEntries& bad) {
  text = without_byte_order_mark(text);
  std::vector<LabelBox> boxes;
  std::set<std::array<double, 5>> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto box = parse_line(line, classes, keypoints);
    const std::string place = fmt::format("{}:{}", file, number);
    if (!box.ok()) {
      SAKER_TRY(bad.refuse(box.error().with_context(place), BadEntries::Kind::kBox));
    } else if (!seen.insert({static_cast<double>(box->category), box->cx, box->cy, box->w, box->h}).second) {
      bad.leave_out(place + ": the same box as in an earlier line");
    } else {
      boxes.push_back(*box);
    }
  }
  return boxes;
}

}  // namespace saker
