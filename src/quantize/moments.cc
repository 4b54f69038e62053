#include "quantize/moments.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/int8_pairs.h"

namespace saker {
namespace {

constexpr int kPositions = 16;     // of each picture
constexpr double kDamping = 0.01;  // of the mean variance, added to each

std::size_t as_size(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

// L with L L^T = a, in a's lower triangle. a is positive definite.
void cholesky(std::vector<double>& a, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    double* row_j = a.data() + j * n;
    for (std::size_t i = j; i < n; ++i) {
      double* row_i = a.data() + i * n;
      double sum = row_i[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row_i[k] * row_j[k];
      row_i[j] = i == j ? std::sqrt(std::max(sum, 1e-30)) : sum / row_j[j];
    }
  }
}

// The inverse of L L^T, given L in the lower triangle.
std::vector<double> inverse(const std::vector<double>& l, std::size_t n) {
  // Rows of L^-1, transposed: column c of the inverse of L is forward substitution of a unit vector.
  std::vector<double> columns(n * n, 0);  // columns[c][i] = (L^-1)[i][c]
  for (std::size_t c = 0; c < n; ++c) {
    double* x = columns.data() + c * n;
    x[c] = 1 / l[c * n + c];
    for (std::size_t i = c + 1; i < n; ++i) {
      double sum = 0;
      const double* row = l.data() + i * n;
      for (std::size_t k = c; k < i; ++k) sum -= row[k] * x[k];
      x[i] = sum / row[i];
    }
  }
  std::vector<double> result(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = j; k < n; ++k) sum += columns[i * n + k] * columns[j * n + k];
      result[i * n + j] = result[j * n + i] = sum;
    }
  }
  return result;
}

}  // namespace

InputMoments::InputMoments(const ConvAttrs& conv, const Shape& weights)
    : patches_(conv, weights),
      sums_(as_size(patches_.size()), 0.0F),
      products_(as_size(patches_.size() * patches_.size()), 0.0F) {}

void InputMoments::add(const TensorView& picture, std::uint32_t seed) {
  const std::int64_t rows = (picture.shape[2] + patches_.stride_h() - 1) / patches_.stride_h();
  const std::int64_t columns = (picture.shape[3] + patches_.stride_w() - 1) / patches_.stride_w();
  std::minstd_rand random(seed + 1);
  std::vector<float> x(as_size(size()));
  for (int i = 0; i < kPositions; ++i) {
    const auto y = static_cast<std::int64_t>(random() % as_size(rows));
    const auto column = static_cast<std::int64_t>(random() % as_size(columns));
    patches_.read(picture, y, column, x.data(), patches_.taps(), 1);
    for (std::size_t k = 0; k < x.size(); ++k) {
      sums_[k] += x[k];
      if (x[k] == 0) continue;
      float* row = products_.data() + k * x.size();
      for (std::size_t j = k; j < x.size(); ++j) row[j] += x[k] * x[j];
    }
    ++count_;
  }
}

std::vector<double> InputMoments::means() const {
  std::vector<double> result;
  for (const float sum : sums_) result.push_back(static_cast<double>(sum) / static_cast<double>(count_));
  return result;
}

std::vector<double> InputMoments::covariance() const {
  if (count_ == 0) return {};
  const std::size_t n = as_size(size());
  const std::vector<double> mean = means();
  std::vector<double> result(n * n);
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j) {
      result[i * n + j] = result[j * n + i] =
          static_cast<double>(products_[i * n + j]) / static_cast<double>(count_) - mean[i] * mean[j];
    }
    trace += result[i * n + i];
  }
  const double added = kDamping * trace / static_cast<double>(n) + 1e-12;
  for (std::size_t i = 0; i < n; ++i) result[i * n + i] += added;
  return result;
}

CompensatedRounding::CompensatedRounding(std::vector<double> covariance)
    : size_(static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(covariance.size()))))) {
  cholesky(covariance, size_);
  factor_ = inverse(covariance, size_);
  cholesky(factor_, size_);  // read by columns: its transpose is the upper factor
}

void CompensatedRounding::round(const float* weights, const double* steps, std::int64_t taps, int limit,
                                std::int8_t* q) const {
  std::vector<double> rest(weights, weights + size_);
  for (std::size_t k = 0; k < size_; ++k) {
    const bool pruned = weights[k] == 0;
    const bool is_second = k / as_size(taps) % 2 != 0;  // of a pair
    const int first = is_second ? q[k - as_size(taps)] : 0;
    const double lowest = std::max(-limit, -kWidestInt8Pair - first),
                 highest = std::min(limit, kWidestInt8Pair - first);
    const double number = pruned ? 0 : std::clamp(std::nearbyint(rest[k] / steps[k]), lowest, highest);
    q[k] = static_cast<std::int8_t>(number);
    const double error = (rest[k] - number * steps[k]) / factor_[k * size_ + k];
    for (std::size_t j = k + 1; j < size_; ++j) rest[j] -= error * factor_[j * size_ + k];
  }
}

}  // namespace saker
