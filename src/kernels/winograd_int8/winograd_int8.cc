// Packing, and what is exact.
#include "kernels/winograd_int8/winograd_int8.h"

#include <algorithm>
#include <limits>

namespace saker {
namespace {

constexpr int kRows = kWinogradInt8Rows + 2, kColumns = kWinogradInt8Columns + 2;
constexpr std::int64_t kScale = 48;  // of the two matrices below: 2 and 24

constexpr int kAlongColumn[kRows][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
constexpr int kAlongRow[kColumns][3] = {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4}, {1, 2, 4}, {1, -2, 4}, {0, 0, 24}};

// Element (i, j) of U.
int transformed(const std::int8_t* w, int i, int j) {
  int sum = 0;
  for (int r = 0; r < 3; ++r) {
    for (int q = 0; q < 3; ++q) sum += kAlongColumn[i][r] * kAlongRow[j][q] * w[3 * r + q];
  }
  return sum;
}

}  // namespace

bool winograd_int8_is_exact(std::int64_t out_c, std::int64_t in_c, const std::int8_t* weights) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max() / kScale / 255;
  const std::int64_t size = in_c * 9;
  for (std::int64_t o = 0; o < out_c; ++o, weights += size) {
    std::int64_t above = 0, below = 0;
    for (std::int64_t k = 0; k < size; ++k) {
      above += std::max<int>(weights[k], 0);
      below -= std::min<int>(weights[k], 0);
    }
    if (std::max(above, below) > kMost) return false;
  }
  return true;
}

std::int64_t winograd_int8_packed_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c) {
  return kWinogradInt8Products * conv_packed_weights(multiply, out_c, 1, winograd_int8_cells(in_c));
}

void winograd_int8_pack_weights(const ConvKernel& multiply, std::int64_t out_c, std::int64_t in_c,
                                const std::int8_t* weights, float* packed) {
  const std::int64_t cells = winograd_int8_cells(in_c), size = conv_packed_weights(multiply, out_c, 1, cells);
  std::vector<float> matrix(static_cast<std::size_t>(out_c * cells));
  auto* words = reinterpret_cast<std::int16_t*>(matrix.data());
  for (int p = 0; p < kWinogradInt8Products; ++p) {
    for (std::int64_t o = 0; o < out_c; ++o) {
      for (std::int64_t c = 0; c < in_c; ++c) {
        words[o * cells * 2 + c] =
            static_cast<std::int16_t>(transformed(weights + (o * in_c + c) * 9, p / kColumns, p % kColumns));
      }
    }
    conv_pack_weights(multiply, out_c, 1, cells, matrix.data(), {cells, cells, 1}, packed + p * size);
  }
}

}  // namespace saker
