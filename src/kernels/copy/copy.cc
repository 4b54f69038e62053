#include "kernels/copy/copy.h"

#include <algorithm>
#include <cstring>

namespace saker {
namespace {

// The two innermost axes. Reading across one of them while writing along the other touches a new
// cache line per element, so both are walked in small blocks.
template <typename T>
void copy_plane(const LoopNest& nest, const T* src, T* dst) {
  const int inner = nest.rank - 1;
  const int outer = nest.rank - 2;
  const std::int64_t rows = outer >= 0 ? nest.extents[outer] : 1;
  const std::int64_t columns = nest.extents[inner];
  const std::int64_t src_row = outer >= 0 ? nest.strides[1][outer] : 0;
  const std::int64_t dst_row = outer >= 0 ? nest.strides[0][outer] : 0;
  const std::int64_t src_column = nest.strides[1][inner];
  const std::int64_t dst_column = nest.strides[0][inner];
  if (src_column == 1 && dst_column == 1) {
    for (std::int64_t r = 0; r < rows; ++r)
      std::memcpy(dst + r * dst_row, src + r * src_row, static_cast<std::size_t>(columns) * sizeof(T));
    return;
  }
  constexpr std::int64_t kBlock = 16;  // 16 x 4 bytes = one cache line
  for (std::int64_t r0 = 0; r0 < rows; r0 += kBlock) {
    const std::int64_t r1 = std::min(r0 + kBlock, rows);
    for (std::int64_t c0 = 0; c0 < columns; c0 += kBlock) {
      const std::int64_t c1 = std::min(c0 + kBlock, columns);
      for (std::int64_t r = r0; r < r1; ++r) {
        for (std::int64_t c = c0; c < c1; ++c) dst[r * dst_row + c * dst_column] = src[r * src_row + c * src_column];
      }
    }
  }
}

template <typename T>
void copy_axes(const LoopNest& nest, int axis, const T* src, T* dst, std::int64_t first, std::int64_t last) {
  if (axis >= nest.rank - 2) {
    LoopNest plane = nest;
    plane.extents[axis] = last - first;
    copy_plane(plane, src + first * nest.strides[1][axis], dst + first * nest.strides[0][axis]);
    return;
  }
  for (std::int64_t i = first; i < last; ++i) {
    copy_axes(nest, axis + 1, src + i * nest.strides[1][axis], dst + i * nest.strides[0][axis], 0,
              nest.extents[axis + 1]);
  }
}

template <typename T>
void copy_typed(const LoopNest& nest, const void* src, void* dst, std::int64_t first, std::int64_t last) {
  if (nest.rank == 0) {
    std::memcpy(dst, src, sizeof(T));
    return;
  }
  copy_axes(nest, 0, static_cast<const T*>(src), static_cast<T*>(dst), first, last);
}

}  // namespace

void copy_strided(const LoopNest& nest, std::size_t size, const void* src, void* dst, std::int64_t first,
                  std::int64_t last) {
  switch (size) {
    case 1:
      return copy_typed<std::uint8_t>(nest, src, dst, first, last);
    case 2:
      return copy_typed<std::uint16_t>(nest, src, dst, first, last);
    case 4:
      return copy_typed<std::uint32_t>(nest, src, dst, first, last);
    default:
      return copy_typed<std::uint64_t>(nest, src, dst, first, last);
  }
}

void interleave_planes(std::int64_t pixels, int planes, const std::uint8_t* src, std::int64_t plane_step,
                       std::uint8_t* quads) {
  constexpr std::int64_t kPart = 256;
  std::uint8_t rest[kPart] = {};  // instead of the missing
  const std::uint8_t* from[4];
  for (std::int64_t first = 0; first < pixels; first += kPart) {
    const std::int64_t n = std::min(kPart, pixels - first);
    for (int k = 0; k < 4; ++k) from[k] = k < planes ? src + k * plane_step + first : rest;
    std::uint8_t* to = quads + 4 * first;
    for (std::int64_t i = 0; i < n; ++i) {  // the compiler makes vectors of it
      const std::uint32_t quad = static_cast<std::uint32_t>(from[0][i]) | static_cast<std::uint32_t>(from[1][i]) << 8 |
                                 static_cast<std::uint32_t>(from[2][i]) << 16 |
                                 static_cast<std::uint32_t>(from[3][i]) << 24;
      std::memcpy(to + 4 * i, &quad, sizeof quad);
    }
  }
}

}  // namespace saker
