// What a file takes of a .zip or .gz: zeros and few different numbers take little there.
#pragma once

#include <cstddef>
#include <string_view>

namespace saker {

// Of these bytes, by DEFLATE (RFC 1951) as zip and gzip use it by default; nothing is kept of what it makes.
std::size_t compressed_size(std::string_view bytes);

}  // namespace saker
