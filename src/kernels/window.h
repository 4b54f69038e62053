// The part of a pooling window that lies inside the picture. Plain arithmetic, safe for kernel files.
#pragma once

#include <cstdint>

namespace saker {
namespace {

struct Range {
  std::int64_t first, last;  // taps [first, last) of the window
};

// Taps k with 0 <= start + k * dilation < size.
inline Range inside_taps(std::int64_t start, std::int64_t kernel, std::int64_t dilation, std::int64_t size) {
  Range range{0, 0};
  if (start < 0) range.first = (-start + dilation - 1) / dilation;
  if (start < size) range.last = (size - 1 - start) / dilation + 1;
  if (range.last > kernel) range.last = kernel;
  if (range.first > range.last) range.first = range.last;
  return range;
}

}  // namespace
}  // namespace saker
