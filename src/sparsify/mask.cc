#include "sparsify/mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/try.h"

namespace saker::sparsify {
namespace {

// Weights that go together.
struct Extents {
  std::int64_t outputs, inputs, taps;
};

Extents extents_of(SparsePattern pattern, const WeightDims& dims) {
  if (pattern == SparsePattern::kChannel) return {1, dims.in_c, dims.taps};
  const BlockSize block = block_size(pattern).value_or(BlockSize{});
  return {block.outputs, block.inputs, 1};
}

// use(index of the block, index of the member) for every weight, block after block.
template <typename Use>
void each_member(const WeightDims& dims, const Extents& block, Use&& use) {
  std::size_t index = 0;
  for (std::int64_t o = 0; o < dims.out_c; o += block.outputs) {
    for (std::int64_t c = 0; c < dims.in_c; c += block.inputs) {
      for (std::int64_t tap = 0; tap < dims.taps; tap += block.taps, ++index) {
        for (std::int64_t i = o; i < std::min(o + block.outputs, dims.out_c); ++i) {
          for (std::int64_t k = c; k < std::min(c + block.inputs, dims.in_c); ++k) {
            for (std::int64_t t = tap; t < tap + block.taps; ++t)
              use(index, static_cast<std::size_t>((i * dims.in_c + k) * dims.taps + t));
          }
        }
      }
    }
  }
}

struct Block {
  double score = 0;
  std::uint32_t layer = 0, size = 0;
};

std::vector<Block> blocks_of(const LayerScores& layer, std::uint32_t index, const Extents& extents) {
  std::vector<Block> blocks;
  each_member(layer.dims, extents, [&](std::size_t block, std::size_t member) {
    if (block == blocks.size()) blocks.push_back({0, index, 0});
    blocks[block].score += static_cast<double>(layer.scores[member]);
    ++blocks[block].size;
  });
  for (Block& block : blocks) block.score /= block.size;
  return blocks;
}

Status check(std::span<const LayerScores> layers, double sparsity) {
  if (!(sparsity >= 0 && sparsity <= 1))
    return Error{ErrorCode::kInvalid, fmt::format("sparsity {:g} is outside 0..1: it is the share of zeros", sparsity)};
  for (const LayerScores& layer : layers) {
    if (!std::ranges::all_of(layer.scores, [](float score) { return std::isfinite(score); }))
      return Error{ErrorCode::kInvalid, "weights that are NaN or infinite cannot be pruned"};
  }
  return {};
}

Mask two_of_four(const LayerScores& layer) {
  const WeightDims& dims = layer.dims;
  Mask mask(layer.scores.size(), 1);
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t c = 0; c < dims.in_c; c += 4) {
      const auto count = static_cast<std::size_t>(std::min<std::int64_t>(4, dims.in_c - c));
      for (std::int64_t tap = 0; tap < dims.taps; ++tap) {
        std::array<std::size_t, 4> members{};
        for (std::size_t k = 0; k < count; ++k)
          members[k] =
              static_cast<std::size_t>((o * dims.in_c + c) * dims.taps + tap) + k * static_cast<std::size_t>(dims.taps);
        const auto group = std::span(members).first(count);
        std::ranges::stable_sort(group,
                                 [&](std::size_t a, std::size_t b) { return layer.scores[a] > layer.scores[b]; });
        for (std::size_t k = 2; k < count; ++k) mask[group[k]] = 0;
      }
    }
  }
  return mask;
}

// The blocks of all layers, which of them go. `sparsity` of the weights, no layer more than it may.
std::vector<bool> choose_blocks(std::span<const LayerScores> layers, const std::vector<Block>& blocks,
                                double sparsity) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return blocks[a].score < blocks[b].score; });
  std::vector<std::int64_t> left, may_go;
  std::int64_t all = 0;
  for (const LayerScores& layer : layers) {
    left.push_back(0);
    may_go.push_back(std::llround(layer.most * static_cast<double>(layer.dims.size())));
    all += layer.dims.size();
  }
  for (const Block& block : blocks) ++left[block.layer];
  const std::int64_t target = std::llround(sparsity * static_cast<double>(all));
  std::vector<bool> gone(blocks.size(), false);
  std::int64_t zeros = 0;
  for (const std::size_t i : order) {
    const Block& block = blocks[i];
    if (2 * (target - zeros) < block.size) break;  // further away with it than without
    if ((left[block.layer] == 1 && sparsity < 1) || may_go[block.layer] < block.size) continue;
    gone[i] = true;
    zeros += block.size;
    --left[block.layer];
    may_go[block.layer] -= block.size;
  }
  return gone;
}

}  // namespace

Result<std::vector<Mask>> choose_masks(std::span<const LayerScores> layers, SparsePattern pattern, double sparsity) {
  SAKER_TRY(check(layers, sparsity));
  std::vector<Mask> masks;
  if (pattern == SparsePattern::kTwoOfFour) {
    for (const LayerScores& layer : layers) masks.push_back(two_of_four(layer));
    return masks;
  }
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto own = blocks_of(layers[i], static_cast<std::uint32_t>(i), extents_of(pattern, layers[i].dims));
    blocks.insert(blocks.end(), own.begin(), own.end());
  }
  const std::vector<bool> gone = choose_blocks(layers, blocks, sparsity);
  std::size_t first = 0;  // block of the layer
  for (const LayerScores& layer : layers) {
    Mask mask(layer.scores.size(), 1);
    std::size_t count = 0;
    each_member(layer.dims, extents_of(pattern, layer.dims), [&](std::size_t block, std::size_t member) {
      mask[member] = gone[first + block] ? 0 : 1;
      count = block + 1;
    });
    first += count;
    masks.push_back(std::move(mask));
  }
  return masks;
}

Result<Mask> choose_mask(const LayerScores& layer, SparsePattern pattern, double sparsity) {
  SAKER_ASSIGN(std::vector<Mask> masks, choose_masks(std::span(&layer, 1), pattern, sparsity));
  return std::move(masks[0]);
}

double share_of_zeros(const Mask& mask) {
  if (mask.empty()) return 0;
  return static_cast<double>(std::ranges::count(mask, 0)) / static_cast<double>(mask.size());
}

std::string why_not(SparsePattern pattern, const WeightDims& dims) {
  const BlockSize block =
      pattern == SparsePattern::kTwoOfFour ? BlockSize{1, 4} : block_size(pattern).value_or(BlockSize{});
  if (dims.in_c < block.inputs) return fmt::format("{} input channels are fewer than {}", dims.in_c, block.inputs);
  if (dims.out_c < block.outputs) return fmt::format("{} output channels are fewer than {}", dims.out_c, block.outputs);
  return "";
}

std::string cut_short(SparsePattern pattern, const WeightDims& dims) {
  const BlockSize block =
      pattern == SparsePattern::kTwoOfFour ? BlockSize{1, 4} : block_size(pattern).value_or(BlockSize{});
  if (dims.in_c % block.inputs != 0)
    return fmt::format("{} input channels are no multiple of {}", dims.in_c, block.inputs);
  if (dims.out_c % block.outputs != 0)
    return fmt::format("{} output channels are no multiple of {}", dims.out_c, block.outputs);
  return "";
}

}  // namespace saker::sparsify
