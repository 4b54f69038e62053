// How a convolution is cut for caches and threads.
#pragma once

#include <cstdint>

namespace saker {

struct ConvWork {
  std::int64_t extent = 1;    // pixels or rows of a picture
  std::int64_t unit = 1;      // of which a chunk is a multiple
  std::int64_t cached = 1;    // of which L2 holds the input beside weights that stay there
  std::int64_t pictures = 1;  // x groups
  std::int64_t blocks = 1;    // of output channels
  std::int64_t weight_bytes = 0;
  int threads = 1;
};

// Jobs: pictures x parts of the blocks x chunks of the extent.
struct ConvJobs {
  std::int64_t chunk = 1, chunks = 1, block_parts = 1;
};

ConvJobs cut_conv(const ConvWork& work);

}  // namespace saker
