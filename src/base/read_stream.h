// Pipes and devices, whose size is known only at their end, within limits of size and time.
#pragma once

#include <chrono>

#include "base/files.h"

namespace saker {

struct StreamPatience {
  std::chrono::milliseconds silence = std::chrono::minutes(1);  // without a byte
  std::chrono::milliseconds whole = std::chrono::hours(1);
};

// All that comes from `fd`, which may be in non-blocking mode. Memory: the bytes, rounded up to the next power of two.
// Errors: kIo, kLimit (more than max_bytes, no memory, out of patience), those of `accept`; messages begin with `name`.
Result<FileBytes> read_stream(int fd, const std::string& name, std::size_t max_bytes, const AcceptFirst& accept = {},
                              const StreamPatience& patience = {});

Error longer_than(const std::string& name, std::size_t max_bytes);

// So many bytes are shown to AcceptFirst, or all if there are fewer.
inline constexpr std::size_t kFirstBytes = std::size_t{64} << 10;

}  // namespace saker
