// Packing, and the product as a convolution.
#include "kernels/winograd/winograd.h"

#include <array>
#include <vector>

namespace saker {
namespace {

constexpr int kSide = kWinogradTile + 2;

constexpr double kG[kSide][3] = {{1.0 / 4, 0, 0},
                                 {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                 {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                 {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                 {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                 {0, 0, 1}};

// G w G^T of one 3x3 filter, in double, rounded once.
std::array<float, kWinogradPositions> transform_filter(const float* w) {
  double half[kSide][3] = {};
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) half[i][j] += kG[i][k] * static_cast<double>(w[k * 3 + j]);
    }
  }
  std::array<float, kWinogradPositions> out;
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      double sum = 0;
      for (int k = 0; k < 3; ++k) sum += half[i][k] * kG[j][k];
      out[static_cast<std::size_t>(i * kSide + j)] = static_cast<float>(sum);
    }
  }
  return out;
}

}  // namespace

std::int64_t winograd_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c) {
  return kWinogradPositions * conv_packed_weights(multiply, out_c, 1, in_c);
}

void winograd_pack_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c, const float* weights,
                           float* packed) {
  // [position][out_c][in_c]
  std::vector<float> positions(static_cast<std::size_t>(kWinogradPositions * out_c * in_c));
  for (std::int64_t i = 0; i < out_c * in_c; ++i) {
    const auto filter = transform_filter(weights + i * 9);
    for (int p = 0; p < kWinogradPositions; ++p)
      positions[static_cast<std::size_t>(p * out_c * in_c + i)] = filter[static_cast<std::size_t>(p)];
  }
  const std::int64_t size = conv_packed_weights(multiply, out_c, 1, in_c);
  for (int p = 0; p < kWinogradPositions; ++p) {
    conv_pack_weights(multiply, out_c, 1, in_c, positions.data() + p * out_c * in_c, {in_c, 1, 1}, packed + p * size);
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
