// What the filters of a convolution see, over sampled positions of pictures: means, and how it varies together.
#pragma once

#include <saker/result.h>

#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "quantize/patch.h"
#include "runtime/executor.h"

namespace saker::sparsify {

struct Position {
  std::int64_t row = 0, column = 0;  // of the output
};
// `most` of a map of that size, or all; the same each time for the same picture, others for another.
std::vector<Position> sample_positions(std::size_t picture, std::int64_t height, std::int64_t width, std::size_t most);

// Inputs are in the order [taps][in_c].
class FilterInputs {
 public:
  // Without `covariance` only means are kept.
  static Result<FilterInputs> create(const PatchReader& patches, bool covariance, int threads);

  Status add(const TensorView& picture, std::span<const Position> positions, ThreadPool& pool);
  // After the last.
  Status finish();

  std::vector<double> means() const;
  // A small multiple of its mean diagonal added, so that it is positive definite.
  std::vector<double> covariance() const;

 private:
  explicit FilterInputs(const PatchReader& patches) : patches_(patches) {}
  Status add_products();

  PatchReader patches_;
  std::vector<float> rows_;  // of positions that are not yet in the sums
  std::size_t capacity_ = 0, filled_ = 0;
  std::int64_t count_ = 0;
  std::vector<double> sums_;
  std::vector<float> products_;
  std::unique_ptr<Executor> multiply_;  // rows^T rows, by the kernels of this CPU
};

}  // namespace saker::sparsify
