// Strided copies: the only place where data changes its layout.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/loop_nest.h"

namespace saker {

// Elements [first, last) of axis 0 of a simplified nest (rank 0: its one element); operand 0 is the
// destination, 1 the source; elements of `size` = 1, 2, 4 or 8 bytes. No overlaps.
void copy_strided(const LoopNest& nest, std::size_t size, const void* src, void* dst, std::int64_t first,
                  std::int64_t last);

// Up to four planes of bytes, plane_step apart, into pixels of four bytes; the missing are 0.
void interleave_planes(std::int64_t pixels, int planes, const std::uint8_t* src, std::int64_t plane_step,
                       std::uint8_t* quads);

}  // namespace saker
