// 2-D convolution of 8-bit numbers, channels innermost: conv.h's direct form with four channels in place of each float.
//
//   sum[n, y, x, o] = start[o] + sum over r, s, c of src[..., c] * w[o, c, r, s]     int32, exact
//   v = activation(fma(float(sum), multiplier[o], bias[o]))
//   v = fma(v, out_scale[o], out_offset[o])                                          if there is an out_scale
//   v = fma(float(residual[n, y, x, o]), residual_scale[o], v)                       if there is a residual (and a
//   scale) dst = v, or 8 bits: table[round to even(min(max(v, 0), 255))], without a table the number itself
//
// src is uint8, w int8. A value of the picture means scale * (src - zero point): the caller folds scales into
// multiplier and zero points into `start`, and `zeros` holds the zero points of the input channels, which stand outside
// the picture. The arithmetic after the sum is float32 in this order, SiLU as in simd/silu_quartics.h, so that every
// ISA level gives the same bits as conv_int8_reference.
#pragma once

#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/lookup/lookup.h"

namespace saker {

constexpr std::int64_t kInt8Quad = 4;  // channels of a dot product
inline std::int64_t int8_quads(std::int64_t channels) {
  return (channels + kInt8Quad - 1) / kInt8Quad;
}

// Kernel heights for which `start` is prepared (pack_starts), 11 as in AlexNet.
constexpr std::int64_t kInt8MaxKernelHeight = 11;

// What follows the sum; one value for each output channel, packed as conv_pack_bias.
struct Int8Finish {
  const float* multiplier = nullptr;
  const float* bias = nullptr;
  const float* out_scale = nullptr;  // null: v stays as it is
  const float* out_offset = nullptr;
  const float* residual_scale = nullptr;
};

// As ConvArgs, with these differences: src, its strides, zeros and shape.in_c count quads (4 channels, 4-byte aligned;
// what stands behind the last channel meets weights of zero); bias is `start` as int32 (pack_starts); activations are
// those of int8_can_apply (base/activation.h); residual, coarse and src_c_step are not used.
struct ConvInt8Args : ConvArgs {
  Int8Finish finish;
  std::uint8_t* dst_bytes = nullptr;             // null: results are float and go to dst
  const std::uint8_t* residual_bytes = nullptr;  // null: none
  const std::uint8_t* table = nullptr;           // 256 entries; null: none
  LookupFn lookup = nullptr;                     // with a table
  std::int64_t start_step = 0;                   // between the starts of two sets of rows
};

struct ConvInt8Kernel {
  ConvKernel multiply;  // name, width, blocks; its run is null
  void (*run)(const ConvInt8Args& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block);
};

extern const ConvInt8Kernel kConvInt8Baseline, kConvInt8Avx2, kConvInt8Avx2Vnni, kConvInt8Avx512, kConvInt8Avx512Vnni;

// Weights [out_c][in_c][taps] -> quads [out_c][taps][quads of in_c], zeros behind the last channel.
std::vector<float> conv_int8_quads(std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                                   const std::int8_t* weights);
// The same, packed as by conv_pack_weights. Size in floats.
std::int64_t conv_int8_packed_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps,
                                      std::int64_t in_c);
void conv_int8_pack_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                            const std::int8_t* weights, float* packed);

// At the upper and lower border a sum is over fewer rows of the kernel, and starts with
// -(sum of zero point * weight over those rows): a start for each range [first, last) of rows: of one output channel,
// given the sums of each row, sets of starts `step` apart; of all. shape.in_c are channels.
std::int64_t conv_int8_start_sets(std::int64_t kernel_h);
inline std::int64_t conv_int8_start_set(std::int64_t kernel_h, std::int64_t first, std::int64_t last) {
  return first * (kernel_h + 1) + last;
}
void conv_int8_set_starts(const std::vector<std::int32_t>& row_sums, std::int64_t step, std::int32_t* starts);
void conv_int8_pack_starts(const ConvKernel& kernel, const ConvShape& shape, const std::int8_t* weights,
                           const std::uint8_t* zero_points, float* packed);

// The definition of right. Weights are [out_c][in_c][kernel_h][kernel_w], zero points [in_c]; args counts channels, not
// quads, and its bias is not used. finish is not packed: one value for each output channel.
struct Int8Reference {
  const std::uint8_t* src;
  const std::int8_t* weights;
  const std::uint8_t* zero_points;
};
void conv_int8_reference(const ConvInt8Args& args, const Int8Reference& reference);

}  // namespace saker
