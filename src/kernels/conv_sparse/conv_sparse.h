// 2-D convolution whose weights are mostly zero, channels innermost: the results of conv.h's direct form (or, of bytes,
// conv_int8.h's) from lists of the blocks that are not.
//
// A cell is 32 bits of a pixel: one float channel, or four neighbouring ones of bytes. A block is the weights of one
// input cell and tap for `outputs` neighbouring output channels: 1, 2 or 4. Of bytes that makes blocks of 1x4, 2x4 and
// 4x4 weights.
//
// Lanes of a vector are neighbouring pixels, and each block's weights are broadcast to all of them. So the job first
// turns the rows it reads into planes, one for each cell, with the zero points of what lies outside the picture around
// them; rows and columns that a stride keeps apart become planes of their own (phases). Every tap is then an offset
// into the planes, and results are computed in the order of a plane with a few too many columns, which are left out
// when they are turned back into pixels.
#pragma once

#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/conv_int8/conv_int8.h"

namespace saker {

// Of the sizes of blocks, 1, 2 and 4 outputs, the first, second and third.
inline int sparse_size_index(int outputs) {
  return outputs == 4 ? 2 : outputs - 1;
}

// Channels whose results are finished together.
constexpr std::int64_t kSparseQuad = 4;

// Where the planes of a job lie; shape.in_c counts cells.
struct SparsePlanes {
  std::int64_t cells = 0, phases_h = 1, phases_w = 1;
  std::int64_t rows = 0;    // of results, at most
  std::int64_t height = 0;  // rows of a plane
  std::int64_t pitch = 0;   // between two rows of a plane, cells
  std::int64_t size = 0;    // of a plane, cells
  std::int64_t all() const { return phases_h * phases_w * cells * size; }
};
SparsePlanes sparse_planes(const ConvShape& shape, std::int64_t rows);
// Of each tap and cell (tap * in_c + cell): where its input of the first result lies in the planes. Error (empty):
// there are more than a list can name (kSparseMostInputs), or more cells than 31 bits count.
std::vector<std::int32_t> sparse_offsets(const ConvShape& shape, const SparsePlanes& planes);
constexpr std::int64_t kSparseMostInputs = 65536;

// The blocks of a layer: of output channels [i * outputs, (i + 1) * outputs) those from first[i] to first[i + 1].
struct SparseLists {
  int outputs = 1;
  const std::int32_t* first = nullptr;    // quads of output channels * 4 / outputs + 1
  const std::uint16_t* inputs = nullptr;  // tap * in_c + cell
  const float* words = nullptr;           // `outputs` cells of weights each
};
// Weights as cells [out_c][taps][in_c]: conv_int8_quads, sparse_float_cells. Sizes in floats.
std::int64_t sparse_count_blocks(const ConvShape& shape, const float* cells, int outputs);
std::int64_t sparse_packed(const ConvShape& shape, std::int64_t blocks, int outputs);
void sparse_pack(const ConvShape& shape, const float* cells, std::int64_t blocks, int outputs, float* packed);
SparseLists sparse_lists(const ConvShape& shape, std::int64_t blocks, int outputs, const float* packed);
// What a sum starts with, of channels padded to quads: zeros behind them.
inline std::int64_t sparse_padded(std::int64_t out_c) {
  return (out_c + kSparseQuad - 1) / kSparseQuad * kSparseQuad;
}
// Of bytes, what sums start with: -(sum of zero point * weight), int32. Weights are [out_c][in_c][taps].
void sparse_int8_starts(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const std::int8_t* weights,
                        const std::uint8_t* zero_points, float* starts);
// Weights of floats [out_c][in_c][taps] as cells.
std::vector<float> sparse_float_cells(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const float* weights);

struct SparseLayer {
  SparseLists lists;
  SparsePlanes planes;
  const std::int32_t* offsets = nullptr;
};

// Result rows [first_row, last_row) of picture n, quads of output channels [first_quad, last_quad).
struct SparseJob {
  std::int64_t n, first_row, last_row, first_quad, last_quad;
  float* scratch;  // of sparse_scratch floats, 64-byte aligned
};

// args.bias: what each sum starts with, padded as sparse_padded; so is everything of args.finish. args.zeros: in_c
// cells. args.weights, coarse and src_c_step are not used; the result is written, and the residual read, as conv.h and
// conv_int8.h say.
template <typename Args>
struct SparseKernel {
  KernelName name;
  int width;            // pixels of a vector
  int tile_vectors[3];  // of a tile at most, for 1, 2 and 4 outputs
  void (*run)(const Args& args, const SparseLayer& layer, const SparseJob& job);

  int tile(int outputs) const { return width * tile_vectors[sparse_size_index(outputs)]; }  // pixels
};
using ConvSparseKernel = SparseKernel<ConvArgs>;
using ConvSparseInt8Kernel = SparseKernel<ConvInt8Args>;

// Floats that a job's scratch takes; staged_cells: of the results of one pixel and the job's channels (a quad has one
// of bytes, four of floats), and of its residual.
template <typename Args>
std::int64_t sparse_scratch(const SparseKernel<Args>& kernel, const SparseLayer& layer, std::int64_t staged_cells) {
  return layer.planes.all() + kernel.tile(1) + kernel.tile(layer.lists.outputs) * staged_cells;
}

extern const ConvSparseKernel kConvSparseBaseline, kConvSparseAvx2, kConvSparseAvx512;
extern const ConvSparseInt8Kernel kConvSparseInt8Baseline, kConvSparseInt8Avx2, kConvSparseInt8Avx2Vnni,
    kConvSparseInt8Avx512, kConvSparseInt8Avx512Vnni;

}  // namespace saker
