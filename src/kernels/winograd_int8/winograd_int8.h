// 3x3 convolution of 8-bit numbers, stride 1, by Winograd's minimal filtering in whole numbers: the same bits as
// conv_int8_reference, with a third of the direct form's products, each of 16 bits.
//
// A tile is 2 rows of 4 results: along a row F(4, 3) (points 0, 1, -1, 2, -2, infinity), along a column F(2, 3) (0, 1,
// -1, infinity), matrices as in A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016. It
// has 4x6 inputs and 24 products in place of 72:
//
//   V = B2^T d B4     at most 4080 of inputs 0 to 255                      transform_input
//   M = V * U         at each position [tiles x in_c] * [in_c x out_c]     the 1x1 form of `multiply`
//   Y = A2^T M A4 / 48, then what follows the sum in conv_int8.h           transform_output
//
// with U = (2 G2) w (24 G4)^T, whole numbers of at most 6144. All of it is exact modulo 2^32, so Y is right as long as
// 48 times the sum fits 32 bits, whatever happens on the way: winograd_int8_is_exact.
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {

constexpr int kWinogradInt8Rows = 2, kWinogradInt8Columns = 4;                               // results of a tile
constexpr int kWinogradInt8Products = (kWinogradInt8Rows + 2) * (kWinogradInt8Columns + 2);  // of a tile, and matrices
constexpr std::int64_t kWinogradInt8Channels = 16;  // at least, in and out; in_c as quads hold them

// Tiles are counted row by row over the output, the last of a row or column may stick out.
struct WinogradInt8Tiles {
  explicit WinogradInt8Tiles(const ConvShape& s)
      : across((s.out_w + kWinogradInt8Columns - 1) / kWinogradInt8Columns),
        count(across * ((s.out_h + kWinogradInt8Rows - 1) / kWinogradInt8Rows)) {}
  std::int64_t across, count;
};

// A cell is two channels of 16 bits, where `multiply` has a float.
inline std::int64_t winograd_int8_cells(std::int64_t in_c) {
  return int8_quads(in_c) * 2;
}

struct WinogradInt8Kernel {
  KernelName name;
  ConvKernel multiply;  // int32 sums of products of cells, left as they are
  // Tiles [begin, end) of picture n: value (product p, tile t, cell c) is at
  // transformed[p*product_step + (t - begin)*cells + c]. args as of a ConvInt8Kernel.
  void (*transform_input)(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                          std::int64_t product_step, float* transformed);
  // From int32 products, channels out_c, to results.
  void (*transform_output)(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                           std::int64_t product_step, const float* products);
};

extern const WinogradInt8Kernel kWinogradInt8Avx2, kWinogradInt8Avx2Vnni, kWinogradInt8Avx512, kWinogradInt8Avx512Vnni;

// Whether no inputs can make a sum too large. Weights are [out_c][in_c][3][3].
bool winograd_int8_is_exact(std::int64_t out_c, std::int64_t in_c, const std::int8_t* weights);

// Matrix after matrix, each packed as `multiply` wants it. Size in floats.
std::int64_t winograd_int8_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c);
void winograd_int8_pack_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c,
                                const std::int8_t* weights, float* packed);

}  // namespace saker
