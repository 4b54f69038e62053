// Counts the memory that a test program takes from the heap. Linked with counted_memory.cc and
// --wrap for malloc, aligned_alloc and free.
#pragma once

#include <cstddef>

namespace saker {

std::size_t memory_in_use();
// The most that was in use since it was last asked to start over.
std::size_t peak_memory();
void start_peak();

}  // namespace saker
