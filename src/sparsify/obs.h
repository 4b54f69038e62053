// Weights of a layer pruned so that what it computes changes least, the rest made to make up for those that go.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <vector>

#include "base/sparse_pattern.h"
#include "base/thread_pool.h"

namespace saker::sparsify {

struct ObsLayer {
  WeightDims dims;
  std::vector<double> weights;     // [out_c][taps][in_c]
  std::vector<double> covariance;  // of the inputs [taps][in_c], with `damping` on the diagonal; positive definite
  // [out_c][taps][in_c]: covariance of the inputs with what the filters are to compute, where the inputs are no longer
  // those the weights were made for. Empty: they are to compute what they do.
  std::vector<double> goal{};
  double damping = 0;
};

struct ObsResult {
  std::vector<double> weights;  // [out_c][taps][in_c]
  double error = 0;             // variance of what changes in what the layer computes, relative to that of the whole
};

// Optimal brain surgery (Hassibi and Stork, 1993) on all filters at once: the inputs are taken out one after the other,
// in the order of SparseGPT (Frantar and Alistarh, 2023), the weights of those that are left are moved to make up for
// what goes, and what goes is chosen, panel by panel, by the error that is left after that. How much goes of each panel
// is what the same errors say of the layer as a whole. In the end the weights that are left are solved for together.
// With a goal the weights are first moved towards it, all of them, as far as damping lets them.
// Not of kChannel. Error kInvalid: numbers that are not finite.
Result<ObsResult> prune_by_obs(const ObsLayer& layer, SparsePattern pattern, double sparsity, ThreadPool& pool);

// The weights that `kept`, [out_c][taps][in_c], has as 1, for the least change of what the layer computes.
ObsResult solve_kept(const ObsLayer& layer, std::vector<std::uint8_t> kept, ThreadPool& pool);

}  // namespace saker::sparsify
