#include "train/norm_silu.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "train/clones.h"

namespace saker::train {
namespace {

constexpr std::int64_t kBlock = 16384;  // numbers of a block: 64 KB stay in L2 between its passes

std::int64_t rows_of_block(std::int64_t channels) {
  return std::max<std::int64_t>(kBlock / channels, 1);
}

// 1 / (1 + exp(-z)), relative error below 3e-7. exp(t) = 2^n 2^f with |f| <= 1/2, 2^f by its Taylor series.
inline float sigmoid(float z) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it leaves no bits behind the point
  const float t = (z < -87 ? 87 : z > 87 ? -87 : -z) * 1.44269504F;
  const float n = (t + kRound) - kRound;
  const float f = (t - n) * 0.693147181F;
  float p = 1.0F / 5040;
  p = p * f + 1.0F / 720;
  p = p * f + 1.0F / 120;
  p = p * f + 1.0F / 24;
  p = p * f + 1.0F / 6;
  p = p * f + 0.5F;
  p = p * f + 1;
  p = p * f + 1;
  const float power = std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
  return 1 / (1 + p * power);
}

// Sums of each channel.
SAKER_CLONES void add_rows(const float* __restrict x, std::int64_t rows, std::int64_t channels,
                           float* __restrict sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; ++c) sums[c] += x[r * channels + c];
  }
}

SAKER_CLONES void add_squares(const float* __restrict x, std::int64_t rows, std::int64_t channels,
                              const float* __restrict mean, float* __restrict sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = x[r * channels + c] - mean[c];
      sums[c] += d * d;
    }
  }
}

SAKER_CLONES void silu_rows(const float* __restrict x, float* __restrict y, std::int64_t rows, std::int64_t channels,
                            const float* __restrict factor, const float* __restrict addend) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float z = factor[c] * x[r * channels + c] + addend[c];
      y[r * channels + c] = z * sigmoid(z);
    }
  }
}

// dz to dx; sums of dz and of dz (x - mean).
SAKER_CLONES void slope_rows(const float* __restrict x, const float* __restrict dy, float* __restrict dx,
                             std::int64_t rows, std::int64_t channels, const float* __restrict factor,
                             const float* __restrict addend, const float* __restrict mean, float* __restrict sums,
                             float* __restrict moments) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t at = r * channels + c;
      const float z = factor[c] * x[at] + addend[c], s = sigmoid(z);
      const float dz = dy[at] * (s * (1 + z * (1 - s)));
      dx[at] = dz;
      sums[c] += dz;
      moments[c] += dz * (x[at] - mean[c]);
    }
  }
}

SAKER_CLONES void centre_rows(const float* __restrict x, float* __restrict dx, std::int64_t rows, std::int64_t channels,
                              const float* __restrict factor, const float* __restrict mean,
                              const float* __restrict mean_slope, const float* __restrict moment) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t at = r * channels + c;
      dx[at] = factor[c] * (dx[at] - mean_slope[c] - (x[at] - mean[c]) * moment[c]);
    }
  }
}

// Sums that blocks have made each for itself, `count` numbers a block, added up in the order of the blocks.
std::vector<double> total_of(const std::vector<float>& sums, std::size_t count) {
  std::vector<double> total(count);
  for (std::size_t i = 0; i < sums.size(); ++i) total[i % count] += double{sums[i]};
  return total;
}

struct Blocks {
  Blocks(std::int64_t all_rows, std::int64_t channels)
      : rows(all_rows), each(rows_of_block(channels)), count((all_rows + each - 1) / each) {}
  std::int64_t first(std::int64_t block) const { return block * each; }
  std::int64_t size(std::int64_t block) const { return std::min(each, rows - first(block)); }

  std::int64_t rows, each, count;
};

// z = factor x + addend
struct Line {
  std::vector<float> factor, addend;
};

Line line_of(const NormStatistics& statistics, std::span<const float> gamma, std::span<const float> beta, float eps) {
  Line line;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    line.factor.push_back(gamma[c] / std::sqrt(statistics.variance[c] + eps));
    line.addend.push_back(beta[c] - line.factor[c] * statistics.mean[c]);
  }
  return line;
}

// Of each block its mean and the sum of squares around that; then all together (Chan et al. 1979).
NormStatistics statistics_of(const float* x, std::int64_t channels, const Blocks& blocks, const ParallelLoop& loop) {
  const auto n = static_cast<std::size_t>(channels);
  std::vector<float> means(n * static_cast<std::size_t>(blocks.count)), squares(means.size());
  loop(blocks.count, [&](std::int64_t block) {
    float* mean = means.data() + block * channels;
    const float* from = x + blocks.first(block) * channels;
    add_rows(from, blocks.size(block), channels, mean);
    for (std::int64_t c = 0; c < channels; ++c) mean[c] /= static_cast<float>(blocks.size(block));
    add_squares(from, blocks.size(block), channels, mean, squares.data() + block * channels);
  });
  std::vector<double> mean(n), square(n);
  double seen = 0;
  for (std::int64_t block = 0; block < blocks.count; ++block) {
    const auto size = static_cast<double>(blocks.size(block));
    for (std::size_t c = 0; c < n; ++c) {
      const std::size_t at = static_cast<std::size_t>(block) * n + c;
      const double off = double{means[at]} - mean[c];
      mean[c] += off * size / (seen + size);
      square[c] += double{squares[at]} + off * off * seen * size / (seen + size);
    }
    seen += size;
  }
  NormStatistics statistics;
  for (std::size_t c = 0; c < n; ++c) {
    statistics.mean.push_back(static_cast<float>(mean[c]));
    statistics.variance.push_back(static_cast<float>(square[c] / seen));
  }
  return statistics;
}

}  // namespace

void norm_silu_forward(const float* x, float* y, std::int64_t rows, std::span<const float> gamma,
                       std::span<const float> beta, float eps, NormStatistics& statistics, const ParallelLoop& loop) {
  const auto channels = static_cast<std::int64_t>(gamma.size());
  const Blocks blocks(rows, channels);
  statistics = statistics_of(x, channels, blocks, loop);
  const Line line = line_of(statistics, gamma, beta, eps);
  loop(blocks.count, [&](std::int64_t block) {
    const std::int64_t at = blocks.first(block) * channels;
    silu_rows(x + at, y + at, blocks.size(block), channels, line.factor.data(), line.addend.data());
  });
}

NormGradients norm_silu_backward(const float* x, const float* dy, float* dx, std::int64_t rows,
                                 std::span<const float> gamma, std::span<const float> beta, float eps,
                                 const NormStatistics& statistics, const ParallelLoop& loop) {
  const auto channels = static_cast<std::int64_t>(gamma.size());
  const auto n = gamma.size();
  const Blocks blocks(rows, channels);
  const Line line = line_of(statistics, gamma, beta, eps);
  std::vector<float> sums(n * static_cast<std::size_t>(blocks.count)), moments(sums.size());
  loop(blocks.count, [&](std::int64_t block) {
    const std::int64_t at = blocks.first(block) * channels, own = block * channels;
    slope_rows(x + at, dy + at, dx + at, blocks.size(block), channels, line.factor.data(), line.addend.data(),
               statistics.mean.data(), sums.data() + own, moments.data() + own);
  });
  const std::vector<double> sum = total_of(sums, n), moment = total_of(moments, n);
  NormGradients gradients;
  std::vector<float> mean_slope, scaled_moment;
  for (std::size_t c = 0; c < n; ++c) {
    const double inverse = 1 / std::sqrt(double{statistics.variance[c]} + double{eps}),
                 count = static_cast<double>(rows);
    gradients.beta.push_back(static_cast<float>(sum[c]));
    gradients.gamma.push_back(static_cast<float>(moment[c] * inverse));
    mean_slope.push_back(static_cast<float>(sum[c] / count));
    scaled_moment.push_back(static_cast<float>(moment[c] * inverse * inverse / count));
  }
  loop(blocks.count, [&](std::int64_t block) {
    const std::int64_t at = blocks.first(block) * channels;
    centre_rows(x + at, dx + at, blocks.size(block), channels, line.factor.data(), statistics.mean.data(),
                mean_slope.data(), scaled_moment.data());
  });
  return gradients;
}

}  // namespace saker::train
