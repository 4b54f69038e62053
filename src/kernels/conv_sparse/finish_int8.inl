// From int32 sums in planes to staged results, of conv_int8.h's arithmetic. Include after one vec_*.h, the bytes_*.h
// for it and transpose_*.h.
#pragma once

#include "kernels/conv_int8/finish_values.inl"
#include "kernels/conv_sparse/pixels.inl"

namespace saker {
namespace {

inline SparsePixels pixels_of(const ConvInt8Args& args, const SparseJob& job) {
  SparsePixels pixels{};
  const bool bytes = args.dst_bytes != nullptr;
  pixels.results = bytes ? pixel_bytes(args.dst_bytes, args.dst_at, args.shape, job)
                         : pixel_bytes(args.dst, args.dst_at, args.shape, job);
  pixels.has_residual = args.residual_bytes != nullptr;
  if (pixels.has_residual) pixels.residual = pixel_bytes(args.residual_bytes, args.residual_at, args.shape, job);
  pixels.cells_of_quad = bytes ? 1 : kSparseQuad;
  pixels.residual_cells_of_quad = 1;
  return pixels;
}

// The sums become values where they stand, then cells. `residual`: its staged cell, or null.
template <ActivationKind kKind, bool kScaled, bool kResidual>
inline void finish_values(const ConvInt8Args& args, std::int64_t channel, const SparseTile& tile, float* sums,
                          const float* staged_residual) {
  for (int k = 0; k < kSparseQuad; ++k, sums += tile.stage) {
    const ValueFinish<kKind, kScaled, kResidual> finish(args,
                                                        [&](const float* p) { return Vec::broadcast(p[channel + k]); });
    for (int v = 0; v < tile.vectors * Vec::kWidth; v += Vec::kWidth) {
      Vec residual = Vec::broadcast(0);
      if constexpr (kResidual) residual = load_channel(staged_residual + v, k);
      finish(load_integers(sums + v), residual).store(sums + v);
    }
  }
}

inline void finish_quad(const ConvInt8Args& args, std::int64_t channel, const SparseTile& tile, float* sums,
                        const float* residual, float* staged) {
  with_exact_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    with_steps(args, [&]<bool kScaled, bool kResidual>() {
      finish_values<kKind, kScaled, kResidual>(args, channel, tile, sums, residual);
    });
  });
  for (int v = 0; v < tile.vectors * Vec::kWidth; v += Vec::kWidth) {
    Vec values[kSparseQuad];
    for (int k = 0; k < kSparseQuad; ++k) values[k] = Vec::load(sums + k * tile.stage + v);
    if (args.dst_bytes != nullptr) {
      store_cells(values, staged + v);
    } else {
      for (int k = 0; k < kSparseQuad; ++k) values[k].store(staged + k * tile.stage + v);
    }
  }
}

inline void finish_staged(const ConvInt8Args& args, std::int64_t floats, float* staged) {
  if (args.table == nullptr) return;
  auto* bytes = reinterpret_cast<std::uint8_t*>(staged);
  args.lookup(args.table, bytes, floats * kCell);
}

}  // namespace
}  // namespace saker
