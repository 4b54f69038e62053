// Nested loops over strided operands: the shape of every copy and elementwise step.
#pragma once

#include <cstdint>

namespace saker {

// Extents are outermost first. strides[0] belongs to the destination, or to whose order the loops should follow
// (kernels/decode). Strides in elements.
struct LoopNest {
  static constexpr int kMaxRank = 12;
  static constexpr int kMaxOperands = 5;
  int rank = 0;
  int operands = 2;
  std::int64_t extents[kMaxRank] = {};
  std::int64_t strides[kMaxOperands][kMaxRank] = {};

  std::int64_t extent_or_one(int axis) const { return axis < rank ? extents[axis] : 1; }
  std::int64_t elements() const;
  // Element offset of every operand at the i-th iteration of the axes [0, axes), counted row-major.
  void offsets_at(std::int64_t i, int axes, std::int64_t (&offsets)[kMaxOperands]) const;

  // Calls body(offsets) for iterations [first, last) of the axes [0, axes). Steps from one to the
  // next by additions: the divisions of offsets_at cost more than a short run.
  template <typename Body>
  void for_range(std::int64_t first, std::int64_t last, int axes, Body&& body) const;
};

template <typename Body>
void LoopNest::for_range(std::int64_t first, std::int64_t last, int axes, Body&& body) const {
  std::int64_t index[kMaxRank];
  std::int64_t offsets[kMaxOperands];
  offsets_at(first, axes, offsets);
  std::int64_t rest = first;
  for (int axis = axes; axis-- > 0; rest /= extents[axis]) index[axis] = rest % extents[axis];
  for (std::int64_t i = first; i < last; ++i) {
    body(static_cast<const std::int64_t*>(offsets));
    for (int axis = axes; axis-- > 0;) {
      for (int k = 0; k < operands; ++k) offsets[k] += strides[k][axis];
      if (++index[axis] < extents[axis]) break;
      for (int k = 0; k < operands; ++k) offsets[k] -= extents[axis] * strides[k][axis];
      index[axis] = 0;
    }
  }
}

// The same iterations in an order that suits the destination: axes of extent 1 dropped, sorted by
// destination stride, neighbours merged where every operand allows: fewer, longer loops.
LoopNest simplified(const LoopNest& nest);

}  // namespace saker
