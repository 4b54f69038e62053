#include "kernels/copy/copy.h"

#include <algorithm>
#include <cstring>

namespace saker {
namespace {

// The two innermost axes. Reading across one of them while writing along the other touches a new
// cache line per element, so both are walked in small blocks.
template <typename T>
void copy_plane(const CopyArgs& args, const T* src, T* dst) {
  const int inner = args.rank - 1;
  const int outer = args.rank - 2;
  const std::int64_t rows = outer >= 0 ? args.extents[outer] : 1;
  const std::int64_t columns = args.extents[inner];
  const std::int64_t src_row = outer >= 0 ? args.src_strides[outer] : 0;
  const std::int64_t dst_row = outer >= 0 ? args.dst_strides[outer] : 0;
  const std::int64_t src_column = args.src_strides[inner];
  const std::int64_t dst_column = args.dst_strides[inner];
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
void copy_axes(const CopyArgs& args, int axis, const T* src, T* dst, std::int64_t first, std::int64_t last) {
  if (axis >= args.rank - 2) {
    CopyArgs plane = args;
    plane.extents[axis] = last - first;
    copy_plane(plane, src + first * args.src_strides[axis], dst + first * args.dst_strides[axis]);
    return;
  }
  for (std::int64_t i = first; i < last; ++i) {
    copy_axes(args, axis + 1, src + i * args.src_strides[axis], dst + i * args.dst_strides[axis], 0,
              args.extents[axis + 1]);
  }
}

template <typename T>
void copy_typed(const CopyArgs& args, const void* src, void* dst, std::int64_t first, std::int64_t last) {
  if (args.rank == 0) {
    std::memcpy(dst, src, sizeof(T));
    return;
  }
  copy_axes(args, 0, static_cast<const T*>(src), static_cast<T*>(dst), first, last);
}

}  // namespace

CopyArgs simplified(const CopyArgs& args) {
  int order[kMaxCopyRank];
  int rank = 0;
  for (int i = 0; i < args.rank; ++i) {
    if (args.extents[i] != 1) order[rank++] = i;
  }
  std::stable_sort(order, order + rank, [&](int a, int b) { return args.dst_strides[a] > args.dst_strides[b]; });
  CopyArgs out;
  out.size = args.size;
  for (int k = 0; k < rank; ++k) {
    const int i = order[k];
    const int last = out.rank - 1;
    if (last >= 0 && out.src_strides[last] == args.extents[i] * args.src_strides[i] &&
        out.dst_strides[last] == args.extents[i] * args.dst_strides[i]) {
      out.extents[last] *= args.extents[i];
      out.src_strides[last] = args.src_strides[i];
      out.dst_strides[last] = args.dst_strides[i];
      continue;
    }
    out.extents[out.rank] = args.extents[i];
    out.src_strides[out.rank] = args.src_strides[i];
    out.dst_strides[out.rank] = args.dst_strides[i];
    ++out.rank;
  }
  return out;
}

void copy_strided(const CopyArgs& args, const void* src, void* dst, std::int64_t first, std::int64_t last) {
  switch (args.size) {
    case 1:
      return copy_typed<std::uint8_t>(args, src, dst, first, last);
    case 2:
      return copy_typed<std::uint16_t>(args, src, dst, first, last);
    case 4:
      return copy_typed<std::uint32_t>(args, src, dst, first, last);
    default:
      return copy_typed<std::uint64_t>(args, src, dst, first, last);
  }
}

}  // namespace saker
