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
  // `filters`: how many there are; 0: only means are kept.
  static Result<FilterInputs> create(const PatchReader& patches, std::int64_t filters, int threads);

  bool aims() const { return filters_ > 0; }
  // `wanted`: what the filters are to compute at these positions, [positions][filters]; empty where only means are
  // kept.
  Status add(const TensorView& picture, std::span<const Position> positions, std::span<const float> wanted,
             ThreadPool& pool);
  // After the last.
  Status finish();

  std::vector<double> means() const;
  // damping() added to its diagonal, so that it is positive definite.
  std::vector<double> covariance() const;
  double damping() const;
  // With what the filters are to compute: [filters][taps][in_c].
  std::vector<double> goal() const;

 private:
  explicit FilterInputs(const PatchReader& patches) : patches_(patches) {}
  Status add_products();

  PatchReader patches_;
  std::size_t filters_ = 0;
  std::vector<float> rows_, wanted_;  // of positions that are not yet in the sums
  std::size_t capacity_ = 0, filled_ = 0;
  std::int64_t count_ = 0;
  std::vector<double> sums_, wanted_sums_;
  std::vector<float> products_, wanted_products_;  // [inputs][inputs], [inputs][filters]
  std::unique_ptr<Executor> multiply_;             // rows^T rows and rows^T wanted, by the kernels of this CPU
};

}  // namespace saker::sparsify
