// 3x3 convolution of float32 with stride 1 by Winograd's minimal filtering F(4x4, 3x3): 36 products for 16 results
// instead of 144. Channels innermost, as conv.h.
//
//   V = B^T d B    input tile d (6x6), every channel             transform_input
//   M = V * U      at each of the 36 positions a product          the 1x1 form of a ConvKernel
//                  [tiles x in_c] * [in_c x out_c]
//   Y = A^T M A    output tile (4x4), bias, activation, residual  transform_output
//
// with U = G w G^T made once (winograd_pack_weights). Matrices: A. Lavin, S. Gray, "Fast Algorithms for Convolutional
// Neural Networks", CVPR 2016 (points 0, 1, -1, 2, -2).
//
// Rounding errors are larger than the direct form's. Bound: |error| <= (in_c + 40) * 2^-24 * the same sums over the
// absolute values of B, d, G, w and A (winograd_test.cc computes it for every result).
#pragma once

#include "kernels/conv/conv.h"

namespace saker {

constexpr int kWinogradTile = 4;        // results along one side
constexpr int kWinogradPositions = 36;  // products of a tile
constexpr int kWinogradBiasPosition = 7;  // (1, 1)

// Tiles are counted row by row over the output, the last of a row or column may stick out.
struct WinogradTiles {
  explicit WinogradTiles(const ConvShape& s)
      : across((s.out_w + kWinogradTile - 1) / kWinogradTile),
        count(across * ((s.out_h + kWinogradTile - 1) / kWinogradTile)) {}
  std::int64_t across, count;
};

struct WinogradKernel {
  const char* name;
  // Tiles [begin, end) of picture n: value (position p, tile t, channel c) is at
  // transformed[p*position_step + (t - begin)*channels + c]. args.zeros: at least in_c zeros.
  void (*transform_input)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                          std::int64_t position_step, float* transformed);
  // Its inverse, channels out_c. The bias is in the products already: at kWinogradBiasPosition, whose product A^T . A
  // adds to all 16 results.
  void (*transform_output)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                           std::int64_t position_step, const float* transformed);
};

extern const WinogradKernel kWinogradBaseline, kWinogradAvx2, kWinogradAvx512;

// U for each position in turn, packed as `multiply` (a 1x1 convolution) wants it. Weights are [out_c][in_c][3][3].
std::int64_t winograd_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c);  // floats
void winograd_pack_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c, const float* weights,
                           float* packed);

// Products at one position of a block of tiles, as a 1x1 convolution of a picture one row high.
ConvArgs winograd_product(std::int64_t tiles, std::int64_t in_c, std::int64_t out_c, const float* zeros);

}  // namespace saker
