// Strided copies: the only place where data changes its layout.
#pragma once

#include <cstddef>

#include "kernels/loop_nest.h"

namespace saker {

// Elements [first, last) of axis 0 of a simplified nest (rank 0: its one element); operand 0 is the
// destination, 1 the source; elements of `size` = 1, 2, 4 or 8 bytes. No overlaps.
void copy_strided(const LoopNest& nest, std::size_t size, const void* src, void* dst, std::int64_t first, std::int64_t last);

}  // namespace saker
