// Geometry and packing.
#include "kernels/conv_sparse/conv_sparse.h"

#include <algorithm>
#include <cstring>

namespace saker {
namespace {

constexpr std::int64_t kVector = 16;  // cells: planes begin at multiples of 64 bytes

std::int64_t lists_of(std::int64_t out_c, int outputs) {
  return sparse_padded(out_c) / outputs;
}

// Whether any of the block's weights is not zero.
bool is_full(const ConvShape& s, const float* cells, std::int64_t list, int outputs, std::int64_t input) {
  for (std::int64_t o = list * outputs; o < std::min((list + 1) * outputs, s.out_c); ++o) {
    std::uint32_t bits;
    std::memcpy(&bits, cells + o * s.taps() * s.in_c + input, sizeof bits);
    if (bits != 0) return true;
  }
  return false;
}

}  // namespace

SparsePlanes sparse_planes(const ConvShape& s, std::int64_t rows) {
  const std::int64_t reach_h = (s.kernel_h - 1) * s.dilation_h, reach_w = (s.kernel_w - 1) * s.dilation_w;
  SparsePlanes planes;
  planes.cells = s.in_c;
  planes.phases_h = std::min(s.stride_h, reach_h + 1);
  planes.phases_w = std::min(s.stride_w, reach_w + 1);
  planes.rows = rows;
  planes.height = rows + reach_h / s.stride_h;
  planes.pitch = s.out_w + reach_w / s.stride_w;
  planes.size = (planes.height * planes.pitch + kVector - 1) / kVector * kVector;
  return planes;
}

std::vector<std::int32_t> sparse_offsets(const ConvShape& s, const SparsePlanes& planes) {
  std::vector<std::int32_t> offsets;
  if (s.taps() * s.in_c > kSparseMostInputs || planes.all() > INT32_MAX) return offsets;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < s.kernel_w; ++q) {
      const std::int64_t y = r * s.dilation_h, x = q * s.dilation_w;
      const std::int64_t phase = y % s.stride_h * planes.phases_w + x % s.stride_w;
      const std::int64_t shift = y / s.stride_h * planes.pitch + x / s.stride_w;
      for (std::int64_t c = 0; c < s.in_c; ++c)
        offsets.push_back(static_cast<std::int32_t>((phase * planes.cells + c) * planes.size + shift));
    }
  }
  return offsets;
}

std::int64_t sparse_count_blocks(const ConvShape& s, const float* cells, int outputs) {
  std::int64_t blocks = 0;
  for (std::int64_t list = 0; list < lists_of(s.out_c, outputs); ++list) {
    for (std::int64_t i = 0; i < s.taps() * s.in_c; ++i) blocks += is_full(s, cells, list, outputs, i) ? 1 : 0;
  }
  return blocks;
}

// first, words, inputs.
std::int64_t sparse_packed(const ConvShape& s, std::int64_t blocks, int outputs) {
  return lists_of(s.out_c, outputs) + 1 + blocks * outputs + (blocks + 1) / 2;
}

SparseLists sparse_lists(const ConvShape& s, std::int64_t blocks, int outputs, const float* packed) {
  const float* words = packed + lists_of(s.out_c, outputs) + 1;
  return {outputs, reinterpret_cast<const std::int32_t*>(packed),
          reinterpret_cast<const std::uint16_t*>(words + blocks * outputs), words};
}

void sparse_pack(const ConvShape& s, const float* cells, std::int64_t blocks, int outputs, float* packed) {
  const std::int64_t lists = lists_of(s.out_c, outputs);
  auto* first = reinterpret_cast<std::int32_t*>(packed);
  float* words = packed + lists + 1;
  auto* inputs = reinterpret_cast<std::uint16_t*>(words + blocks * outputs);
  std::fill(words, packed + sparse_packed(s, blocks, outputs), 0.0F);
  std::int64_t block = 0;
  for (std::int64_t list = 0; list < lists; ++list) {
    first[list] = static_cast<std::int32_t>(block);
    for (std::int64_t i = 0; i < s.taps() * s.in_c; ++i) {
      if (!is_full(s, cells, list, outputs, i)) continue;
      for (std::int64_t o = list * outputs; o < std::min((list + 1) * outputs, s.out_c); ++o)
        words[block * outputs + o - list * outputs] = cells[o * s.taps() * s.in_c + i];
      inputs[block++] = static_cast<std::uint16_t>(i);
    }
  }
  first[lists] = static_cast<std::int32_t>(block);
}

std::vector<float> sparse_float_cells(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const float* weights) {
  std::vector<float> cells(static_cast<std::size_t>(out_c * taps * in_c));
  for (std::int64_t o = 0; o < out_c; ++o) {
    for (std::int64_t c = 0; c < in_c; ++c) {
      for (std::int64_t t = 0; t < taps; ++t) {
        const float weight = weights[(o * in_c + c) * taps + t];
        cells[static_cast<std::size_t>((o * taps + t) * in_c + c)] = weight == 0 ? 0.0F : weight;  // no -0.0F
      }
    }
  }
  return cells;
}

void sparse_int8_starts(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const std::int8_t* weights,
                        const std::uint8_t* zero_points, float* starts) {
  std::fill_n(starts, sparse_padded(out_c), 0.0F);
  for (std::int64_t o = 0; o < out_c; ++o) {
    std::int32_t sum = 0;
    for (std::int64_t c = 0; c < in_c; ++c) {
      for (std::int64_t t = 0; t < taps; ++t) sum -= zero_points[c] * weights[(o * in_c + c) * taps + t];
    }
    std::memcpy(starts + o, &sum, sizeof sum);
  }
}

}  // namespace saker
