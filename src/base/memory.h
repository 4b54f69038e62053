// Wishes to the system about memory. Nothing is wrong where it does not know them.
#pragma once

#include <cstddef>

namespace saker {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Pages of 2 MB instead of 4 KB: fewer address translations. Whole pages within [memory, memory + bytes) only.
void use_huge_pages(void* memory, std::size_t bytes);
// The contents are no longer needed, they become zeros. Whole 4-KB pages within [memory, memory + bytes) only.
void release_pages(void* memory, std::size_t bytes);
// What has been freed goes back to the system. Stops all threads that allocate for milliseconds: for the end of
// compiling, not for destructors.
void release_free_heap();

}  // namespace saker
