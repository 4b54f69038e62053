// Packing, and the product as a convolution.
#include "kernels/winograd/winograd.h"

#include <algorithm>

namespace saker {
namespace {

constexpr int kMatrixSide = 6;
using Generator = double[kMatrixSide][3];

constexpr Generator kStride1 = {{1.0 / 4, 0, 0},
                                {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                {0, 0, 1}};
// Row of point p: (1, p) over the product of its distances to the other points; the last is the weight between.
constexpr Generator kStride2 = {
    {1.0 / 2, 0, 0}, {-1.0 / 2, 0, -1.0 / 2}, {-1.0 / 6, 0, 1.0 / 6}, {1.0 / 6, 0, 1.0 / 3}, {0, 0, 1}, {0, 1, 0}};

// Output channels that are transformed together.
constexpr int kLanes = 16;

// G w G^T of kLanes filters at once, in double: element (i, j) of lane o.
void transform_filters(const Generator& g, const double (&w)[9][kLanes], float (&u)[kWinogradMatrices][kLanes]) {
  double half[kMatrixSide][3][kLanes];
  for (int i = 0; i < kMatrixSide; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int o = 0; o < kLanes; ++o)
        half[i][j][o] = g[i][0] * w[j][o] + g[i][1] * w[3 + j][o] + g[i][2] * w[6 + j][o];
    }
  }
  for (int i = 0; i < kMatrixSide; ++i) {
    for (int j = 0; j < kMatrixSide; ++j) {
      for (int o = 0; o < kLanes; ++o) {
        u[i * kMatrixSide + j][o] =
            static_cast<float>(half[i][0][o] * g[j][0] + half[i][1][o] * g[j][1] + half[i][2][o] * g[j][2]);
      }
    }
  }
}

}  // namespace

std::int64_t winograd_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c) {
  return kWinogradMatrices * conv_packed_weights(multiply, out_c, 1, in_c);
}

void winograd_pack_weights(const WinogradForm& form, const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c,
                           const float* weights, float* packed) {
  const ConvBlocks blocks(multiply, out_c);
  const std::int64_t size = conv_packed_weights(multiply, out_c, 1, in_c);
  for (std::int64_t b = 0; b < blocks.blocks; ++b) {
    const std::int64_t first = blocks.first_vector(b) * multiply.width;
    const std::int64_t lanes = blocks.first_vector(b + 1) * multiply.width - first;
    for (std::int64_t c = 0; c < in_c; ++c) {
      float* to = packed + first * in_c + c * lanes;
      for (std::int64_t part = 0; part < lanes; part += kLanes) {
        double w[9][kLanes] = {};
        float u[kWinogradMatrices][kLanes];
        const std::int64_t real = std::min<std::int64_t>(kLanes, out_c - first - part);
        for (std::int64_t o = 0; o < real; ++o) {
          const float* filter = weights + ((first + part + o) * in_c + c) * 9;
          for (int k = 0; k < 9; ++k) w[k][o] = static_cast<double>(filter[k]);
        }
        transform_filters(form.stride == 1 ? kStride1 : kStride2, w, u);
        const std::int64_t stored = std::min<std::int64_t>(kLanes, lanes - part);
        for (int p = 0; p < kWinogradMatrices; ++p) std::copy_n(u[p], stored, to + p * size + part);
      }
    }
  }
}

ConvArgs winograd_product(std::int64_t tiles, std::int64_t in_c, std::int64_t out_c, const float* zeros) {
  ConvArgs args;
  args.shape.in_w = args.shape.out_w = tiles;
  args.shape.in_c = in_c;
  args.shape.out_c = out_c;
  args.src_at = {0, 0, in_c};
  args.dst_at = {0, 0, out_c};
  args.zeros = zeros;
  return args;
}

}  // namespace saker
