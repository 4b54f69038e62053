// Where the results of a job go and its residual comes from. Include after one vec_*.h and transpose_*.h.
#pragma once

#include <type_traits>

#include "kernels/conv_sparse/planes.inl"

namespace saker {
namespace {

struct SparsePixels {
  PixelBytes results, residual;
  bool has_residual;
  int cells_of_quad, residual_cells_of_quad;  // staged: 1 of bytes, 4 of floats
};

template <typename T>
PixelBytes pixel_bytes(T* data, const ImageStrides& at, const ConvShape& s, const SparseJob& job) {
  const std::int64_t first = job.first_quad * kSparseQuad, last = job.last_quad * kSparseQuad;
  T* from = data + job.n * at.n_step + job.first_row * at.y_step + first;
  const auto size = static_cast<std::int64_t>(sizeof(T));
  // Residuals are only read; one type for both keeps the walk over pixels one.
  auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<std::remove_const_t<T>*>(from));
  return {bytes, at.y_step * size, at.x_step * size, ((last < s.out_c ? last : s.out_c) - first) * size};
}

}  // namespace
}  // namespace saker
