// What the tests of src/detect share: the generator that its testdata/record.py has too, and tensors with chosen strides.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "detect/heads/head.h"

namespace saker::testing {

class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  std::uint32_t next() { return state_ = state_ * 1664525U + 1013904223U; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next() >> 24); }
  double unit() { return static_cast<double>(next() >> 8) / 16777216.0; }
  double between(double low, double high) { return low + unit() * (high - low); }

 private:
  std::uint32_t state_;
};

inline Image random_picture(int width, int height, std::uint32_t seed = 1) {
  Random random(seed);
  Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) image.pixels.push_back(random.byte());
  return image;
}

// Owns the values behind a view whose axes lie in memory in the order given (outermost first).
class StridedTensor {
 public:
  // `values` are row-major for `shape`.
  StridedTensor(const std::vector<float>& values, Shape shape, std::vector<std::size_t> order) {
    view_.shape = shape;
    view_.strides.resize(shape.size());
    std::int64_t next = 1;
    for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
      view_.strides[*axis] = next;
      next *= shape[*axis];
    }
    memory_.resize(values.size());
    Shape index(shape.size(), 0);
    for (const float value : values) {
      std::int64_t at = 0;
      for (std::size_t a = 0; a < shape.size(); ++a) at += index[a] * view_.strides[a];
      memory_[static_cast<std::size_t>(at)] = value;
      for (std::size_t a = shape.size(); a-- > 0;) {
        if (++index[a] < shape[a]) break;
        index[a] = 0;
      }
    }
  }
  StridedTensor(const std::vector<float>& values, const Shape& shape) : StridedTensor(values, shape, identity(shape)) {}

  TensorView view() const {
    TensorView view = view_;
    view.data = memory_.data();
    return view;
  }
  std::vector<float>& memory() { return memory_; }

 private:
  static std::vector<std::size_t> identity(const Shape& shape) {
    std::vector<std::size_t> order(shape.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }

  TensorView view_;
  std::vector<float> memory_;
};

// [rows, columns] row-major to [columns, rows] row-major.
inline std::vector<float> transposed(const std::vector<float>& values, std::size_t rows, std::size_t columns) {
  std::vector<float> result(values.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) result[c * rows + r] = values[r * columns + c];
  }
  return result;
}

struct ResizeCase {
  int width, height, target_width, target_height;
  std::uint64_t checksum;
};

struct PlaceCase {
  int width, height, input_width, input_height;
  bool top_left;
  int left, top, placed_width, placed_height;
};

#include "detect/testdata/recorded.inc"

}  // namespace saker::testing
