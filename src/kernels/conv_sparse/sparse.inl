// The body, compiled once per ISA level, over floats or bytes. Include after one vec_*.h, transpose_*.h, multiply_add
// (conv/multiply_add.inl, or a dot product of bytes) and what becomes of sums: finish_quad, pixels_of (finish_*.inl).
#pragma once

#include <utility>

#include "kernels/conv_sparse/planes.inl"

namespace saker {
namespace {

// Vectors of pixels of a tile at most: sums, inputs and one weight fit the registers. Without a dot product inputs are
// two registers each (words.inl).
constexpr int sparse_tile_vectors(int outputs) {
  if (Vec::kRegisters == 32) return outputs == 4 ? 5 : outputs == 2 ? 8 : 12;
  return outputs == 4 ? 2 : outputs == 2 ? 4 : 6;
}
constexpr int kMostSparseVectors = sparse_tile_vectors(1);
constexpr int kMostSparseStage = kMostSparseVectors * Vec::kWidth;

// A list's blocks, multiplied with the tile whose planes begin at `planes`.
struct SparseBlocks {
  const std::int32_t* offsets;
  const std::uint16_t* inputs;
  const float* words;
  std::int64_t count;
};

using SparseTileFn = void (*)(const float* planes, const SparseBlocks& blocks, const float* starts, float* sums,
                              std::int64_t stage);

// sums[g * stage + place]. Not inlined: the register allocation of the loop must not depend on what is around it.
template <int G, int V>
__attribute__((noinline)) void multiply_blocks(const float* planes, const SparseBlocks& blocks, const float* starts,
                                               float* sums, std::int64_t stage) {
  Vec acc[G][V];
#pragma GCC unroll 4
  for (int g = 0; g < G; ++g) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) acc[g][v] = Vec::broadcast(starts[g]);
  }
  const float* words = blocks.words;
  for (std::int64_t i = 0; i < blocks.count; ++i, words += G) {
    const float* from = planes + blocks.offsets[blocks.inputs[i]];
    Vec x[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) x[v] = Vec::load(from + v * Vec::kWidth);
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      const Vec w = Vec::broadcast(words[g]);
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) acc[g][v] = multiply_add(x[v], w, acc[g][v]);
    }
  }
#pragma GCC unroll 4
  for (int g = 0; g < G; ++g) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) acc[g][v].store(sums + g * stage + v * Vec::kWidth);
  }
}

template <int G, int... I>
constexpr SparseTileFn sparse_tile_function(int vectors, std::integer_sequence<int, I...>) {
  constexpr SparseTileFn kFunctions[] = {multiply_blocks<G, I + 1>...};
  return kFunctions[vectors - 1];
}

template <int G, typename Args>
void run_sparse_lists(const Args& args, const SparseLayer& layer, const SparseJob& job) {
  constexpr int kVectors = sparse_tile_vectors(G);
  constexpr std::int64_t kStage = kVectors * Vec::kWidth;
  constexpr int kLists = kSparseQuad / G;
  const SparsePlanes& planes = layer.planes;
  float* staged = job.scratch + planes.all() + kMostSparseStage;
  fill_planes(args, planes, job, job.scratch);
  const std::int64_t rows = job.last_row - job.first_row, width = args.shape.out_w;
  const std::int64_t vectors = ((rows - 1) * planes.pitch + width + Vec::kWidth - 1) / Vec::kWidth;
  const std::int64_t tiles = (vectors + kVectors - 1) / kVectors;
  const SparsePixels pixels = pixels_of(args, job);
  const std::int64_t quads = job.last_quad - job.first_quad;
  float* residual = staged + quads * pixels.cells_of_quad * kStage;
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::int64_t begin = t * vectors / tiles, end = (t + 1) * vectors / tiles;
    const SparseTile tile{begin * Vec::kWidth, static_cast<int>(end - begin), static_cast<int>(kStage)};
    const auto multiply = sparse_tile_function<G>(tile.vectors, std::make_integer_sequence<int, kVectors>());
    if (pixels.has_residual) stage(pixels.residual, tile, planes, rows, width, residual);
    for (std::int64_t i = 0; i < quads; ++i) {
      const std::int64_t quad = job.first_quad + i;
      alignas(64) float sums[kSparseQuad * kStage];
      for (int k = 0; k < kLists; ++k) {
        const std::int64_t list = quad * kLists + k;
        const std::int64_t first = layer.lists.first[list];
        multiply(job.scratch + tile.first,
                 {layer.offsets, layer.lists.inputs + first, layer.lists.words + first * G,
                  layer.lists.first[list + 1] - first},
                 args.bias + list * G, sums + k * G * kStage, kStage);
      }
      finish_quad(args, quad * kSparseQuad, tile, sums,
                  pixels.has_residual ? residual + i * pixels.residual_cells_of_quad * kStage : nullptr,
                  staged + i * pixels.cells_of_quad * kStage);
    }
    finish_staged(args, quads * pixels.cells_of_quad * kStage, staged);
    unstage(staged, tile, planes, rows, width, pixels.results);
  }
}

template <typename Args>
void run_sparse(const Args& args, const SparseLayer& layer, const SparseJob& job) {
  if (job.first_row >= job.last_row || job.first_quad >= job.last_quad) return;
  switch (layer.lists.outputs) {
    case 4:
      return run_sparse_lists<4>(args, layer, job);
    case 2:
      return run_sparse_lists<2>(args, layer, job);
    default:
      return run_sparse_lists<1>(args, layer, job);
  }
}

template <typename Args>
constexpr SparseKernel<Args> sparse_kernel(KernelName name) {
  return {
      name, Vec::kWidth, {sparse_tile_vectors(1), sparse_tile_vectors(2), sparse_tile_vectors(4)}, run_sparse<Args>};
}

}  // namespace
}  // namespace saker
