// How a convolution is cut for caches and threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv/conv.h"

namespace saker {

struct ConvWork {
  std::int64_t extent = 1;    // pixels or rows of a picture
  std::int64_t unit = 1;      // of which a chunk is a multiple
  std::int64_t cached = 1;    // of which L2 holds the input beside weights that stay there
  std::int64_t pictures = 1;  // x groups
  std::int64_t blocks = 1;    // of output channels
  std::int64_t weight_bytes = 0;
  int threads = 1;
  std::int64_t jobs_per_thread = 8;  // at least; jobs_per_thread()
};

// Of a layer that takes one core so many cycles (ConvMethod::cost). Eight balance what the threads' unequal speed
// leaves; where those would be shorter than some 20 us, taking them costs more than it brings, and there are fewer, two
// at least (YOLOX-Nano, two threads: 4.77 ms with eight, 4.62 with two; YOLOv8n the same with any).
std::int64_t jobs_per_thread(double cycles, int threads);
// Into so many parts the rows of each picture's results are cut, where nothing else is.
std::int64_t jobs_of_rows(double cycles, const ConvShape& shape, int threads);

// Jobs: pictures x parts of the blocks x chunks of the extent, which are as equal as their units allow: with equal
// numbers of jobs the threads have equal work, and each the same part of every layer's picture.
struct ConvJobs {
  struct Job {
    std::int64_t picture;                  // x groups, as counted by ConvWork
    std::int64_t begin, end;               // of the extent
    std::int64_t first_block, last_block;  // [first, last)
    bool last_chunk;                       // no job of the picture needs these blocks' weights again
  };

  std::int64_t extent = 1, unit = 1;
  std::int64_t pictures = 1, blocks = 1;
  std::int64_t chunks = 1, block_parts = 1;

  std::int64_t count() const { return pictures * block_parts * chunks; }
  Job job(std::int64_t i) const {
    const std::int64_t chunk = i % chunks, part = i / chunks % block_parts;
    return {i / (chunks * block_parts),        begin(chunk),       begin(chunk + 1), part * blocks / block_parts,
            (part + 1) * blocks / block_parts, chunk + 1 == chunks};
  }

  std::int64_t units() const { return (extent + unit - 1) / unit; }
  std::int64_t begin(std::int64_t chunk) const { return std::min(chunk * units() / chunks * unit, extent); }
  std::int64_t longest() const { return std::min((units() + chunks - 1) / chunks * unit, extent); }
};

ConvJobs cut_conv(const ConvWork& work);

}  // namespace saker
