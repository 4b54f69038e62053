// Whole files in and out of memory.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace saker {

// kNotFound, kIo, or kLimit when the file is longer than max_bytes. Messages name the file.
Result<std::vector<std::uint8_t>> read_file_bounded(const std::string& path, std::size_t max_bytes);

// Writes to a temporary name in the same folder and renames: `path` is complete or as it was.
Status write_file_atomically(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace saker
