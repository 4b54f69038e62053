// Strided copies: the only place where data changes its layout.
#pragma once

#include <cstddef>
#include <cstdint>

namespace saker {

constexpr int kMaxCopyRank = 8;

// Copies an array of extents[0..rank) elements of `size` bytes; strides in elements. Destination
// elements must not overlap each other or the source.
struct CopyArgs {
  int rank = 0;
  std::size_t size = 4;
  std::int64_t extents[kMaxCopyRank] = {};
  std::int64_t src_strides[kMaxCopyRank] = {};
  std::int64_t dst_strides[kMaxCopyRank] = {};
};

// Sorts axes by destination stride and merges neighbours that are contiguous on both sides: fewer,
// longer loops. Axis 0 of the result is the one to split between threads.
CopyArgs simplified(const CopyArgs& args);

// Elements [first, last) of axis 0 (rank 0: one element).
void copy_strided(const CopyArgs& args, const void* src, void* dst, std::int64_t first, std::int64_t last);

}  // namespace saker
