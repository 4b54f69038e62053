#include "sparsify/matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace saker::sparsify {
namespace {

constexpr std::size_t kBlock = 64;   // columns that are factored, and inverted, together
constexpr std::size_t kRows = 32;    // of a job
constexpr std::size_t kDepth = 128;  // b of this depth and width: 256 KB, half of a small L2
constexpr std::size_t kWidth = 256;
constexpr std::size_t kTile = 4;  // squared: the sums that the registers of any x86-64 hold

// Four rows of a, four columns of b.
void tile(std::size_t k, ConstRows a, ConstRows b, Rows c) {
  double sums[kTile][kTile] = {};
  for (std::size_t p = 0; p < k; ++p) {
    const double* right = b.row(p);
    for (std::size_t i = 0; i < kTile; ++i) {
      const double left = a.row(i)[p];
      for (std::size_t j = 0; j < kTile; ++j) sums[i][j] += left * right[j];
    }
  }
  for (std::size_t i = 0; i < kTile; ++i) {
    for (std::size_t j = 0; j < kTile; ++j) c.row(i)[j] -= sums[i][j];
  }
}

// What the tiles leave over at the edges.
void edge(std::size_t m, std::size_t n, std::size_t k, ConstRows a, ConstRows b, Rows c) {
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t p = 0; p < k; ++p) {
      const double left = a.row(i)[p];
      for (std::size_t j = 0; j < n; ++j) c.row(i)[j] -= left * b.row(p)[j];
    }
  }
}

void block_product(std::size_t m, std::size_t n, std::size_t k, ConstRows a, ConstRows b, Rows c) {
  const std::size_t rows = m / kTile * kTile, columns = n / kTile * kTile;
  for (std::size_t i = 0; i < rows; i += kTile) {
    for (std::size_t j = 0; j < columns; j += kTile)
      tile(k, {a.row(i), a.stride}, {b.data + j, b.stride}, {c.row(i) + j, c.stride});
  }
  edge(rows, n - columns, k, a, {b.data + columns, b.stride}, {c.data + columns, c.stride});
  edge(m - rows, n, k, {a.row(rows), a.stride}, b, {c.row(rows), c.stride});
}

std::int64_t jobs(std::size_t count, std::size_t each) {
  return static_cast<std::int64_t>((count + each - 1) / each);
}

// The factor of a block on the diagonal, in its lower triangle.
void factor_block(std::size_t n, Rows a) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = a.row(i)[j];
      for (std::size_t k = 0; k < j; ++k) sum -= a.row(i)[k] * a.row(j)[k];
      a.row(i)[j] = i == j ? std::sqrt(std::max(sum, 1e-30)) : sum / a.row(j)[j];
    }
  }
}

// L with L L^T = a, in a's lower triangle: block by block, each taken out of all that is behind it.
void cholesky(std::vector<double>& a, std::size_t n, ThreadPool& pool) {
  std::vector<double> across;  // the block's columns as rows
  for (std::size_t first = 0; first < n; first += kBlock) {
    const std::size_t size = std::min(kBlock, n - first), next = first + size, left = n - next;
    const Rows diagonal{a.data() + first * n + first, n};
    factor_block(size, diagonal);
    across.resize(size * left);
    pool.run(jobs(left, kRows), [&](std::int64_t job, int) {
      const std::size_t begin = static_cast<std::size_t>(job) * kRows, end = std::min(begin + kRows, left);
      for (std::size_t i = begin; i < end; ++i) {
        double* row = a.data() + (next + i) * n + first;
        for (std::size_t j = 0; j < size; ++j) {
          double sum = row[j];
          for (std::size_t k = 0; k < j; ++k) sum -= row[k] * diagonal.row(j)[k];
          row[j] = sum / diagonal.row(j)[j];
          across[j * left + i] = row[j];
        }
      }
    });
    pool.run(jobs(left, kRows), [&](std::int64_t job, int) {
      const std::size_t begin = static_cast<std::size_t>(job) * kRows, end = std::min(begin + kRows, left);
      double* row = a.data() + (next + begin) * n;
      subtract_product(end - begin, end, size, {row + first, n}, {across.data(), left}, {row + next, n});
    });
  }
}

}  // namespace

void subtract_product(std::size_t m, std::size_t n, std::size_t k, ConstRows a, ConstRows b, Rows c) {
  for (std::size_t p = 0; p < k; p += kDepth) {
    for (std::size_t j = 0; j < n; j += kWidth)
      block_product(m, std::min(kWidth, n - j), std::min(kDepth, k - p), {a.data + p, a.stride},
                    {b.row(p) + j, b.stride}, {c.data + j, c.stride});
  }
}

std::vector<double> inverse_factor(std::vector<double> h, std::size_t n, ThreadPool& pool) {
  cholesky(h, n, pool);
  std::vector<double> inverse(n * n, 0);
  // Columns, some together, by forward substitution of unit vectors.
  pool.run(jobs(n, kBlock), [&](std::int64_t job, int) {
    const std::size_t column = static_cast<std::size_t>(job) * kBlock, width = std::min(kBlock, n - column);
    for (std::size_t i = 0; i < width; ++i) inverse[(column + i) * n + column + i] = 1;
    for (std::size_t first = column; first < n; first += kBlock) {
      const std::size_t size = std::min(kBlock, n - first);
      const Rows own{inverse.data() + first * n + column, n};
      subtract_product(size, width, first - column, {h.data() + first * n + column, n},
                       {inverse.data() + column * n + column, n}, own);
      for (std::size_t i = 0; i < size; ++i) {
        const double* factor = h.data() + (first + i) * n + first;
        for (std::size_t k = 0; k < i; ++k) {
          for (std::size_t j = 0; j < width; ++j) own.row(i)[j] -= factor[k] * own.row(k)[j];
        }
        for (std::size_t j = 0; j < width; ++j) own.row(i)[j] /= factor[i];
      }
    }
  });
  return inverse;
}

}  // namespace saker::sparsify
