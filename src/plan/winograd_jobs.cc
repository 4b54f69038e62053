#include "plan/winograd_jobs.h"

#include <algorithm>

namespace saker {
namespace {

// Transformed inputs and products of a block of tiles: half of a 1 MB L2 while the weights fit beside it. Larger
// weights come from L3 once for each block: then as many bytes of tiles as of weights balance the two (128 to 128
// channels at 80x80 on a 2 MB L2: 4.5 ms with blocks of 512 KB, 3.6 ms so).
constexpr std::int64_t kBlockBytes = 512 << 10;
constexpr std::int64_t kResidentWeights = 1 << 20;
constexpr std::int64_t kMaxBlockBytes = 4 << 20;
// With fewer tiles for each thread the products are cut one by one rather than by tiles: no thread works on
// a part of a register tile, and the weights are read once.
constexpr std::int64_t kTilesForBlocks = 32;

// Blocks of a picture's tiles: as large as the cache holds of whole register tiles, and as many for each thread.
std::int64_t block_count(const WinogradWork& work) {
  const std::int64_t row = work.register_tiles;
  const std::int64_t bytes =
      work.weight_bytes <= kResidentWeights ? kBlockBytes : std::min(work.weight_bytes, kMaxBlockBytes);
  const std::int64_t cached =
      std::max<std::int64_t>(bytes / 4 / work.products / (work.in_row + work.out_row) / row, 1) * row;
  const std::int64_t blocks = (work.tiles + cached - 1) / cached;
  return std::min((blocks + work.threads - 1) / work.threads * work.threads, work.tiles);
}

}  // namespace

WinogradCut cut_winograd(const WinogradWork& work) {
  const bool by_parts = work.tiles < kTilesForBlocks * work.threads;
  const std::int64_t jobs = by_parts ? 1 : block_count(work);
  return {.tiles = work.tiles,
          .products = work.products,
          .in_row = work.in_row,
          .out_row = work.out_row,
          .by_parts = by_parts,
          .jobs = jobs,
          .block = (work.tiles + jobs - 1) / jobs,
          .parts = std::min<std::int64_t>(4 * work.threads, work.tiles)};
}

PlanView winograd_scratch(Planner& planner, const WinogradCut& cut) {
  return planner.scratch(DType::kFloat32, {cut.by_parts ? 1 : planner.threads(), cut.scratch_floats()});
}

}  // namespace saker
