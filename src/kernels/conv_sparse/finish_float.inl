// From sums in planes to staged float results: the activation, the residual. Include after one vec_*.h, transpose_*.h.
#pragma once

#include "kernels/conv_sparse/pixels.inl"
#include "kernels/simd/math.inl"

namespace saker {
namespace {

inline SparsePixels pixels_of(const ConvArgs& args, const SparseJob& job) {
  SparsePixels pixels{};
  pixels.results = pixel_bytes(args.dst, args.dst_at, args.shape, job);
  pixels.has_residual = args.residual != nullptr;
  if (pixels.has_residual) pixels.residual = pixel_bytes(args.residual, args.residual_at, args.shape, job);
  pixels.cells_of_quad = pixels.residual_cells_of_quad = kSparseQuad;
  return pixels;
}

// residual: its staged cells, or null.
inline void finish_quad(const ConvArgs& args, std::int64_t, const SparseTile& tile, const float* sums,
                        const float* residual, float* staged) {
  with_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(args.activation.alpha), beta = Vec::broadcast(args.activation.beta);
    for (int k = 0; k < kSparseQuad; ++k, sums += tile.stage, staged += tile.stage) {
      for (int v = 0; v < tile.vectors * Vec::kWidth; v += Vec::kWidth) {
        Vec value = activate<kKind>(Vec::load(sums + v), alpha, beta);
        if (residual != nullptr) value = value + Vec::load(residual + k * tile.stage + v);
        value.store(staged + v);
      }
    }
  });
}

inline void finish_staged(const ConvArgs&, std::int64_t, float*) {}

}  // namespace
}  // namespace saker
