// Walks over the elements of a list in JSON that is known to be well-formed, and compares its nesting with a shape.
#pragma once

#include <saker/tensor.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "serve/api/oip_tensor.h"

namespace saker::serve {

class JsonElements {
 public:
  // `at`: where the value begins, after white space and ':'.
  JsonElements(std::string_view json, std::size_t at, const Shape& shape, std::int64_t count)
      : at_(json.data() + at), end_(json.data() + json.size()), shape_(shape), count_(count) {}

  // The next element as it is written, quotes and all; empty: there is none, or problem().
  std::string_view next();
  // Why next() gave nothing although more was to come; empty: the list has as many as the shape.
  const std::string& problem() const { return problem_; }
  std::int64_t given() const { return given_; }

 private:
  std::string_view fail(std::string problem);
  bool open();
  bool close();
  bool count_element();
  std::string_view take();

  const char* at_;
  const char* end_;
  const Shape& shape_;
  const std::int64_t count_;
  std::size_t depth_ = 0;
  bool nested_ = false;
  std::int64_t given_ = 0;
  std::array<std::int64_t, kMostDimensions + 2> children_ = {};  // of the open list of each depth
  std::string problem_;
};

}  // namespace saker::serve
