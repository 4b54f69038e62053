// The 8-bit convolution where the CPU has no dot product of bytes (AVX2, AVX-512 without VNNI): vpmaddubsw adds two
// products in 16 bits, which hold those of weights that sum to no more than kWidestInt8Pair. Of the pairs of weights
// (channels 2i and 2i + 1 of a tap) that reach further, what is too much stands in a list of its own, the rests, and is
// added to the sums of a tile. The same bits as conv_int8_reference, whatever the weights.
#pragma once

#include <vector>

#include "kernels/conv_int8/conv_int8.h"

namespace saker {

// An entry is a quad of channels of one tap, for the output channels of a vector.
struct PairRests {
  struct At {
    std::int32_t column, quad;  // of the kernel; of its channels
  };
  const std::int32_t* rows = nullptr;  // [vectors][kernel_h + 1]: the first entry of each row of the kernel, the end
  const At* at = nullptr;
  const float* weights = nullptr;  // of each entry, a vector
};

struct ConvInt8PairsArgs : ConvInt8Args {
  PairRests rests;
};

struct ConvInt8PairsKernel {
  ConvKernel multiply;  // name, width, blocks; its run is null
  void (*run)(const ConvInt8PairsArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
              std::int64_t first_block, std::int64_t last_block);
};

extern const ConvInt8PairsKernel kConvInt8PairsAvx2, kConvInt8PairsAvx512;

// Weights [out_c][in_c][taps] of one group, cut in two: what keeps to the bound, and the entries of the rest.
struct PairWeights {
  std::vector<std::int8_t> bounded;
  std::vector<std::int8_t> rest;
};
PairWeights cut_pairs(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const std::int8_t* weights);

// How many entries the rest of these weights has; the work of a pixel besides its taps * quads for each vector.
std::int64_t count_pair_rests(const ConvInt8PairsKernel& kernel, std::int64_t out_c, std::int64_t in_c,
                              std::int64_t taps, const std::int8_t* weights);

// The list of `entries` as one block of floats, 64-byte aligned: its size, how it is filled, and how it is read.
std::int64_t pair_rests_size(const ConvInt8PairsKernel& kernel, const ConvShape& shape, std::int64_t entries);
void pack_pair_rests(const ConvInt8PairsKernel& kernel, const ConvShape& shape, const std::vector<std::int8_t>& rest,
                     std::int64_t entries, float* packed);
PairRests pair_rests(const ConvInt8PairsKernel& kernel, const ConvShape& shape, std::int64_t entries,
                     const float* packed);

}  // namespace saker
