#include "plan/conv_jobs.h"

#include <algorithm>

namespace saker {
namespace {

// Weights below this stay in L2 next to the input while all blocks run over one chunk; larger ones are walked block by
// block. (1 MB of L2 on Zen 4/5; 1-2 MB on recent Intel.)
constexpr std::int64_t kResidentWeights = 512 << 10;
constexpr std::int64_t kFewJobsPerThread = 4;

std::int64_t divided(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

std::int64_t jobs_per_thread(double cycles, int threads) {
  constexpr double kJobCycles = 50'000, kFewest = 2, kMost = 8;
  return static_cast<std::int64_t>(std::clamp(cycles / threads / kJobCycles, kFewest, kMost));
}

std::int64_t jobs_of_rows(double cycles, const ConvShape& shape, int threads) {
  return threads > 1 ? std::min(jobs_per_thread(cycles, threads) * threads, shape.out_h) : 1;
}

ConvJobs cut_conv(const ConvWork& work) {
  ConvJobs jobs{work.extent, work.unit, work.pictures, work.blocks, 1, 1};
  const std::int64_t pictures = std::max<std::int64_t>(work.pictures, 1);
  if (work.weight_bytes <= kResidentWeights) jobs.chunks = divided(work.extent, std::max<std::int64_t>(work.cached, 1));
  if (work.threads > 1) {
    jobs.chunks = std::max(jobs.chunks, divided(work.jobs_per_thread * work.threads, pictures));
    jobs.chunks = divided(jobs.chunks, work.threads) * work.threads;
  }
  jobs.chunks = std::clamp<std::int64_t>(jobs.chunks, 1, std::max<std::int64_t>(jobs.units(), 1));
  // The blocks are cut only where the extent gives too few jobs: then a thread reads what others wrote of the input
  // (3x3 s2 128 to 128 at 20x20, two threads: 0.48 ms with the blocks cut, 0.38 with the rows).
  if (work.threads > 1) {
    const std::int64_t wanted =
        divided(std::min(kFewJobsPerThread, work.jobs_per_thread) * work.threads, pictures * jobs.chunks);
    jobs.block_parts = std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(work.blocks, 1));
  }
  return jobs;
}

}  // namespace saker
