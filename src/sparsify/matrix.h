// Products and inverses of matrices of doubles, row-major, in blocks that stay in the caches.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"

namespace saker::sparsify {

// Rows that lie `stride` numbers apart.
struct ConstRows {
  const double* data = nullptr;
  std::size_t stride = 0;
  const double* row(std::size_t i) const { return data + i * stride; }
};
struct Rows {
  double* data = nullptr;
  std::size_t stride = 0;
  double* row(std::size_t i) const { return data + i * stride; }
};

// c [m][n] -= a [m][k] * b [k][n].
void subtract_product(std::size_t m, std::size_t n, std::size_t k, ConstRows a, ConstRows b, Rows c);

// The lower triangular V [n][n] with V^T V = h^-1: the inverse of h's Cholesky factor. Its leading part of any size is
// that of h's leading part, so that V tells the inverse for what is left when the last rows and columns have gone.
// h: symmetric and positive definite.
std::vector<double> inverse_factor(std::vector<double> h, std::size_t n, ThreadPool& pool);

}  // namespace saker::sparsify
