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

// rows^T rows, and rows^T wanted.
Result<std::unique_ptr<Executor>> products_of_rows(std::int64_t inputs, std::int64_t filters, int threads) {
  NetworkBuilder b;
  const ValueId rows = b.input({kRows, inputs}), wanted = b.input({kRows, filters});
  const ValueId across = b.transpose(rows, {1, 0});
  const ValueId products = b.add(Op::kMatMul, {across, rows}), goal = b.add(Op::kMatMul, {across, wanted});
  b.output(products).output(goal);
  SAKER_ASSIGN(Graph graph, b.finish());
  return observe(std::move(graph), {products, goal}, threads);
}

void add_to(std::vector<float>& sums, const TensorView& product, ThreadPool& pool) {
  const std::int64_t columns = product.shape[1];
  pool.run(product.shape[0], [&](std::int64_t i, int) {
    const float* from = product.as<float>() + i * product.strides[0];
    float* to = sums.data() + i * columns;
    for (std::int64_t k = 0; k < columns; ++k) to[k] += from[k * product.strides[1]];
  });
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

Result<FilterInputs> FilterInputs::create(const PatchReader& patches, std::int64_t filters, int threads) {
  FilterInputs inputs(patches);
  const std::int64_t size = patches.size();
  inputs.capacity_ = as_size(filters > 0 ? kRows : kFewRows);
  inputs.rows_.resize(inputs.capacity_ * as_size(size));
  inputs.sums_.assign(as_size(size), 0);
  if (filters == 0) return inputs;
  inputs.filters_ = as_size(filters);
  inputs.wanted_.resize(inputs.capacity_ * inputs.filters_);
  inputs.wanted_sums_.assign(inputs.filters_, 0);
  inputs.products_.assign(as_size(size * size), 0);
  inputs.wanted_products_.assign(as_size(size * filters), 0);
  SAKER_ASSIGN(inputs.multiply_, products_of_rows(size, filters, threads));
  return inputs;
}

Status FilterInputs::add(const TensorView& picture, std::span<const Position> positions, std::span<const float> wanted,
                         ThreadPool& pool) {
  const std::size_t size = as_size(patches_.size());
  while (!positions.empty()) {
    const std::size_t count = std::min(positions.size(), capacity_ - filled_);
    pool.run(static_cast<std::int64_t>(count), [&](std::int64_t i, int) {
      const Position& at = positions[as_size(i)];
      patches_.read(picture, at.row, at.column, rows_.data() + (filled_ + as_size(i)) * size, 1, patches_.channels());
    });
    std::copy_n(wanted.begin(), count * filters_, wanted_.begin() + static_cast<std::ptrdiff_t>(filled_ * filters_));
    filled_ += count;
    positions = positions.subspan(count);
    wanted = wanted.subspan(count * filters_);
    if (filled_ == capacity_) SAKER_TRY(finish());
  }
  return {};
}

Status FilterInputs::finish() {
  const std::size_t size = as_size(patches_.size());
  for (std::size_t i = 0; i < filled_; ++i) {
    for (std::size_t k = 0; k < size; ++k) sums_[k] += static_cast<double>(rows_[i * size + k]);
    for (std::size_t o = 0; o < filters_; ++o) wanted_sums_[o] += static_cast<double>(wanted_[i * filters_ + o]);
  }
  if (multiply_) SAKER_TRY(add_products());
  count_ += static_cast<std::int64_t>(filled_);
  filled_ = 0;
  return {};
}

Status FilterInputs::add_products() {
  std::fill(rows_.begin() + static_cast<std::ptrdiff_t>(filled_ * as_size(patches_.size())), rows_.end(), 0.0F);
  std::fill(wanted_.begin() + static_cast<std::ptrdiff_t>(filled_ * filters_), wanted_.end(), 0.0F);
  std::memcpy(multiply_->input(0).raw(), rows_.data(), rows_.size() * sizeof(float));
  std::memcpy(multiply_->input(1).raw(), wanted_.data(), wanted_.size() * sizeof(float));
  SAKER_TRY(multiply_->run());
  add_to(products_, multiply_->output(0), multiply_->pool());
  add_to(wanted_products_, multiply_->output(1), multiply_->pool());
  return {};
}

std::vector<double> FilterInputs::means() const {
  std::vector<double> result = sums_;
  for (double& mean : result) mean /= static_cast<double>(std::max<std::int64_t>(count_, 1));
  return result;
}

double FilterInputs::damping() const {
  const std::size_t n = sums_.size();
  const std::vector<double> mean = means();
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i)
    trace += static_cast<double>(products_[i * n + i]) / static_cast<double>(std::max<std::int64_t>(count_, 1)) -
             mean[i] * mean[i];
  return kDamping * trace / static_cast<double>(n) + 1e-12;
}

std::vector<double> FilterInputs::covariance() const {
  const std::size_t n = sums_.size();
  const std::vector<double> mean = means();
  const double count = static_cast<double>(std::max<std::int64_t>(count_, 1)), added = damping();
  std::vector<double> result(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j)  // both halves the same to the bit
      result[i * n + j] = result[j * n + i] = static_cast<double>(products_[i * n + j]) / count - mean[i] * mean[j];
    result[i * n + i] += added;
  }
  return result;
}

std::vector<double> FilterInputs::goal() const {
  const std::size_t n = sums_.size();
  const std::vector<double> mean = means();
  const double count = static_cast<double>(std::max<std::int64_t>(count_, 1));
  std::vector<double> result(filters_ * n);
  for (std::size_t o = 0; o < filters_; ++o) {
    for (std::size_t i = 0; i < n; ++i)
      result[o * n + i] =
          static_cast<double>(wanted_products_[i * filters_ + o]) / count - mean[i] * wanted_sums_[o] / count;
  }
  return result;
}

}  // namespace saker::sparsify
