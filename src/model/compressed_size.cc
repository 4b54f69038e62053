#include "model/compressed_size.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace saker {

std::size_t compressed_size(std::string_view bytes) {
  constexpr std::size_t kPart = std::size_t{1} << 30;  // zlib counts in 32 bits
  z_stream stream{};
  if (deflateInit(&stream, Z_DEFAULT_COMPRESSION) != Z_OK) return bytes.size();
  std::array<Bytef, 1 << 14> room;
  std::size_t made = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    if (stream.avail_in == 0) {
      const std::size_t part = std::min(bytes.size(), kPart);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // only read
      stream.avail_in = static_cast<uInt>(part);
      bytes.remove_prefix(part);
    }
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    state = deflate(&stream, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
    made += room.size() - stream.avail_out;
  }
  deflateEnd(&stream);
  return made;
}

}  // namespace saker
