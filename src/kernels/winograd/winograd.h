// 3x3 convolution of float32 by Winograd's minimal filtering, 4x4 results at a time. Channels innermost, as conv.h.
//
//   V = B^T d B    a tile's inputs d, every channel               transform_input
//   M = V * U      at each position a product                     the 1x1 form of a ConvKernel
//                  [tiles x in_c] * [in_c x out_c]
//   Y = A^T M A    the tile's results, bias, activation, residual transform_output
//
// with U = G w G^T, 6x6 matrices made once (winograd_pack_weights).
//
// Stride 1 is F(4x4, 3x3): d is 6x6, 36 products instead of 144. Matrices: A. Lavin, S. Gray, "Fast Algorithms for
// Convolutional Neural Networks", CVPR 2016 (points 0, 1, -1, 2, -2).
//
// Stride 2: along each side the first and third weight see every other input, the second those between. The former is
// F(4, 2) with 5 products (points 0, 1, -1, 2, infinity), the latter has 4 products with one weight: d is 9x9,
// 81 products instead of 144, which share the 6x6 matrices.
//
// Rounding errors are larger than the direct form's. Bound: |error| <= (in_c + 40) * 2^-24 * the same sums over the
// absolute values of B, d, G, w and A (winograd_test.cc computes it for every result).
#pragma once

#include "kernels/conv/conv.h"

namespace saker {

constexpr int kWinogradTile = 4;       // results along one side
constexpr int kWinogradMatrices = 36;  // of weights

struct WinogradForm {
  int stride;
  int side;  // inputs and products along one side of a tile

  constexpr int products() const { return side * side; }
  // The weights of a product: position (i, j) of U; beyond 5 the inputs differ and the weights do not.
  constexpr int matrix(int product) const {
    const int i = product / side, j = product % side;
    return (i < 5 ? i : 5) * 6 + (j < 5 ? j : 5);
  }
  // (1, 1): the product that A^T . A adds to all 16 results.
  constexpr int bias_product() const { return side + 1; }
};
constexpr WinogradForm kWinogradStride1 = {1, 6}, kWinogradStride2 = {2, 9};

// Tiles are counted row by row over the output, the last of a row or column may stick out.
struct WinogradTiles {
  explicit WinogradTiles(const ConvShape& s)
      : across((s.out_w + kWinogradTile - 1) / kWinogradTile),
        count(across * ((s.out_h + kWinogradTile - 1) / kWinogradTile)) {}
  std::int64_t across, count;
};

struct WinogradKernel {
  KernelName name;
  WinogradForm form;
  // Tiles [begin, end) of picture n: value (product p, tile t, channel c) is at
  // transformed[p*product_step + (t - begin)*channels + c]. args.zeros: at least in_c zeros.
  void (*transform_input)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                          std::int64_t product_step, float* transformed);
  // Its inverse, channels out_c. The bias is in the products already (bias_product).
  void (*transform_output)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                           std::int64_t product_step, const float* transformed);
};

extern const WinogradKernel kWinogradBaseline, kWinogradAvx2, kWinogradAvx512;
extern const WinogradKernel kWinogradStride2Baseline, kWinogradStride2Avx2, kWinogradStride2Avx512;

// Matrix after matrix, each packed as `multiply` (a 1x1 convolution) wants it. Weights are [out_c][in_c][3][3].
std::int64_t winograd_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c);  // floats
void winograd_pack_weights(const WinogradForm& form, const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c,
                           const float* weights, float* packed);

// One product of a block of tiles, as a 1x1 convolution of a picture one row high.
ConvArgs winograd_product(std::int64_t tiles, std::int64_t in_c, std::int64_t out_c, const float* zeros);

}  // namespace saker
