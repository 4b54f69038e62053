#include "sparsify/filter_inputs.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "base/try.h"
#include "graph/builder.h"
#include "quantize/observed_run.h"

namespace saker::sparsify {
namespace {

constexpr std::int64_t kRows = 1024;   // positions that are multiplied at a time
constexpr std::int64_t kFewRows = 64;  // ... that are summed, where nothing is multiplied
constexpr double kDamping = 0.01;      // of the mean variance, added to each (SparseGPT's)

std::size_t as_size(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

Result<std::unique_ptr<Executor>> product_of_rows(std::int64_t inputs, int threads) {
  NetworkBuilder b;
  const ValueId rows = b.input({kRows, inputs});
  const ValueId products = b.add(Op::kMatMul, {b.transpose(rows, {1, 0}), rows});
  b.output(products);
  SAKER_ASSIGN(Graph graph, b.finish());
  return observe(std::move(graph), {products}, threads);
}

}  // namespace

std::vector<Position> sample_positions(std::size_t picture, std::int64_t height, std::int64_t width, std::size_t most) {
  const std::size_t all = as_size(height * width);
  std::vector<Position> positions;
  std::minstd_rand random(static_cast<std::uint32_t>(picture) + 1);
  for (std::size_t i = 0; i < std::min(all, most); ++i) {
    const auto at = static_cast<std::int64_t>(all <= most ? i : random() % all);
    positions.push_back({at / width, at % width});
  }
  return positions;
}

Result<FilterInputs> FilterInputs::create(const PatchReader& patches, bool covariance, int threads) {
  FilterInputs inputs(patches);
  const std::int64_t size = patches.size();
  inputs.capacity_ = as_size(covariance ? kRows : kFewRows);
  inputs.rows_.resize(inputs.capacity_ * as_size(size));
  inputs.sums_.assign(as_size(size), 0);
  if (!covariance) return inputs;
  inputs.products_.assign(as_size(size * size), 0);
  SAKER_ASSIGN(inputs.multiply_, product_of_rows(size, threads));
  return inputs;
}

Status FilterInputs::add(const TensorView& picture, std::span<const Position> positions, ThreadPool& pool) {
  const std::size_t size = as_size(patches_.size());
  while (!positions.empty()) {
    const std::size_t count = std::min(positions.size(), capacity_ - filled_);
    pool.run(static_cast<std::int64_t>(count), [&](std::int64_t i, int) {
      const Position& at = positions[as_size(i)];
      patches_.read(picture, at.row, at.column, rows_.data() + (filled_ + as_size(i)) * size, 1, patches_.channels());
    });
    filled_ += count;
    positions = positions.subspan(count);
    if (filled_ == capacity_) SAKER_TRY(finish());
  }
  return {};
}

Status FilterInputs::finish() {
  const std::size_t size = as_size(patches_.size());
  for (std::size_t i = 0; i < filled_; ++i) {
    for (std::size_t k = 0; k < size; ++k) sums_[k] += static_cast<double>(rows_[i * size + k]);
  }
  if (multiply_) SAKER_TRY(add_products());
  count_ += static_cast<std::int64_t>(filled_);
  filled_ = 0;
  return {};
}

Status FilterInputs::add_products() {
  std::fill(rows_.begin() + static_cast<std::ptrdiff_t>(filled_ * as_size(patches_.size())), rows_.end(), 0.0F);
  std::memcpy(multiply_->input(0).raw(), rows_.data(), rows_.size() * sizeof(float));
  SAKER_TRY(multiply_->run());
  const TensorView product = multiply_->output(0);
  const std::int64_t size = patches_.size();
  multiply_->pool().run(size, [&](std::int64_t i, int) {
    const float* from = product.as<float>() + i * product.strides[0];
    float* to = products_.data() + i * size;
    for (std::int64_t k = 0; k < size; ++k) to[k] += from[k * product.strides[1]];
  });
  return {};
}

std::vector<double> FilterInputs::means() const {
  std::vector<double> result = sums_;
  for (double& mean : result) mean /= static_cast<double>(std::max<std::int64_t>(count_, 1));
  return result;
}

std::vector<double> FilterInputs::covariance() const {
  const std::size_t n = sums_.size();
  const std::vector<double> mean = means();
  const double count = static_cast<double>(std::max<std::int64_t>(count_, 1));
  std::vector<double> result(n * n);
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j)  // both halves the same to the bit
      result[i * n + j] = result[j * n + i] = static_cast<double>(products_[i * n + j]) / count - mean[i] * mean[j];
    trace += result[i * n + i];
  }
  const double added = kDamping * trace / static_cast<double>(n) + 1e-12;
  for (std::size_t i = 0; i < n; ++i) result[i * n + i] += added;
  return result;
}

}  // namespace saker::sparsify
