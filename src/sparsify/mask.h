// Which weights of a layer become zero: masks of a pattern, by what the weights are worth.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/sparse_pattern.h"

namespace saker::sparsify {

using Mask = std::vector<std::uint8_t>;  // of weights [out_c][in_c][taps]: 1 kept, 0 zero

// What the weights of a layer are worth: [out_c][in_c][taps], the least first to go. A block is worth the mean of its
// members (as SparseML's four-block mask has it), those cut short at the end too.
struct LayerScores {
  std::span<const float> scores;
  WeightDims dims;
  double most = 1;  // the sparsity that this layer may reach
};

// Masks of several layers by one threshold, so that `sparsity` of all their weights are zero: as near as whole blocks
// come to it. Below 1 a block of each layer is kept. kTwoOfFour keeps the two best of every four neighbouring input
// channels whatever the sparsity, of three at the end two, of fewer all. Error kInvalid: a sparsity outside 0..1,
// scores that are not finite.
Result<std::vector<Mask>> choose_masks(std::span<const LayerScores> layers, SparsePattern pattern, double sparsity);
// Of one layer.
Result<Mask> choose_mask(const LayerScores& layer, SparsePattern pattern, double sparsity);

double share_of_zeros(const Mask& mask);

// Why the pattern says nothing of a layer: its channels do not make one whole block. Empty: they do.
std::string why_not(SparsePattern pattern, const WeightDims& dims);
// That blocks at its end are cut short; empty: none is.
std::string cut_short(SparsePattern pattern, const WeightDims& dims);

}  // namespace saker::sparsify
