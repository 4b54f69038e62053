// Which weights of a convolution are zero together, and how many are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace saker {

enum class SparsePattern : std::uint8_t {
  kUnstructured,
  kBlock4,     // four neighbouring input channels of one output channel and tap
  k2x4,        // ... that are zero for two neighbouring output channels
  k4x4,        // ... for four
  kTwoOfFour,  // of every four neighbouring input channels two
  kChannel,    // a whole output channel
};

struct BlockSize {
  std::int64_t outputs = 1, inputs = 1;
};

struct WeightDims {
  std::int64_t out_c = 1, in_c = 1, taps = 1;  // of one group
  std::int64_t size() const { return out_c * in_c * taps; }
};

// The names that people use: unstructured, block4, 2x4, 4x4, 2:4, channel.
std::string_view name_of(SparsePattern pattern);
std::optional<SparsePattern> sparse_pattern(std::string_view name);
// Of patterns that are blocks; kUnstructured: 1 x 1. kTwoOfFour and kChannel: none.
std::optional<BlockSize> block_size(SparsePattern pattern);

// How many blocks there are of weights [out_c][in_c][taps], those at the end cut short.
std::int64_t count_blocks(const WeightDims& dims, const BlockSize& block);
// In how many of them there is any number but `zero`.
template <typename T>
std::int64_t count_full_blocks(const T* weights, const WeightDims& dims, const BlockSize& block, T zero) {
  std::int64_t full = 0;
  for (std::int64_t o = 0; o < dims.out_c; o += block.outputs) {
    for (std::int64_t c = 0; c < dims.in_c; c += block.inputs) {
      for (std::int64_t tap = 0; tap < dims.taps; ++tap) {
        bool any = false;
        for (std::int64_t i = o; i < o + block.outputs && i < dims.out_c; ++i) {
          for (std::int64_t k = c; k < c + block.inputs && k < dims.in_c; ++k)
            any = any || weights[(i * dims.in_c + k) * dims.taps + tap] != zero;
        }
        full += any ? 1 : 0;
      }
    }
  }
  return full;
}

}  // namespace saker
