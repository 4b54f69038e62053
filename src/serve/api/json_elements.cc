#include "serve/api/json_elements.h"

#include <fmt/format.h>

#include <utility>

namespace saker::serve {

std::string_view JsonElements::fail(std::string problem) {
  problem_ = std::move(problem);
  return {};
}

bool JsonElements::open() {
  if (depth_ == 1) {
    if (!nested_ && given_ > 0) return !fail("`data` has lists beside elements").empty();
    nested_ = true;
  }
  if (depth_ > 0) ++children_[depth_];
  if (depth_ >= 1 && depth_ >= shape_.size()) {
    return !fail(fmt::format("`data` is nested deeper than the shape {}", to_string(shape_))).empty();
  }
  children_[++depth_] = 0;
  return true;
}

bool JsonElements::close() {
  if (nested_ && children_[depth_] != shape_[depth_ - 1]) {
    fail(fmt::format("`data` has a list of {} at depth {} where the shape {} has {}", children_[depth_], depth_,
                     to_string(shape_), shape_[depth_ - 1]));
    return false;
  }
  --depth_;
  return true;
}

bool JsonElements::count_element() {
  if (nested_ && depth_ != shape_.size()) {
    fail(fmt::format("`data` is nested otherwise than the shape {}", to_string(shape_)));
    return false;
  }
  ++children_[depth_];
  if (++given_ > count_) {
    fail(fmt::format("`data` has more elements than the shape {}: {}", to_string(shape_), count_));
    return false;
  }
  return true;
}

// A number, a word, a text; of an object its brace.
std::string_view JsonElements::take() {
  const char* begin = at_;
  if (*at_ == '"') {
    for (++at_; at_ < end_ && *at_ != '"'; ++at_) {
      if (*at_ == '\\') ++at_;
    }
    if (at_ < end_) ++at_;
  } else {
    for (++at_; at_ < end_ && *at_ != ',' && *at_ != ']' && *at_ != '}' && *at_ > ' '; ++at_) {
    }
  }
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

std::string_view JsonElements::next() {
  while (at_ < end_) {
    const char letter = *at_;
    if (letter == '[') {
      if (!open()) return {};
      ++at_;
    } else if (letter == ']') {
      if (!close()) return {};
      ++at_;
      if (depth_ == 0) break;
    } else if (letter <= ' ' || letter == ',' || letter == ':') {
      ++at_;
    } else if (depth_ == 0 && !shape_.empty()) {
      return fail("`data` is no list");
    } else if (letter == '{') {
      return fail("`data` has an object in it");
    } else if (depth_ == 0 && given_ > 0) {
      break;  // after a scalar
    } else {
      return count_element() ? take() : std::string_view();
    }
  }
  if (given_ != count_) {
    return fail(fmt::format("`data` has {} elements, the shape {} has {}", given_, to_string(shape_), count_));
  }
  return {};
}

}  // namespace saker::serve
