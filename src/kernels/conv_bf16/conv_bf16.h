// 2-D convolution as conv.h, of one group, with inputs and weights rounded to bfloat16 (8 bits of mantissa). Products
// are exact; sums, bias and activation are float32. What lies in memory is float32 or bfloat16.
//
//   pack_rows     the input rows of a job -> its panel: bfloat16, padded with zeros at the left and right
//   run           the direct convolution of conv.h over the panel, with a pair of channels in place of each float:
//                 one vdpbf16ps adds both products to a lane's sum
//
// A panel has no borders to the left and right, no gaps, and an even number of channels.
//
// |error| against conv_bf16_reference <= (terms + 4) * 2^-24 * sum of |x * w|, as for float32 (a pair is rounded at
// most twice), and terms * 2^-126, as numbers below 2^-126 count as zero on the way in and out.
#pragma once

#include "kernels/conv/conv.h"

namespace saker {

// Strides count numbers, of whichever type. Of bfloat16 the pointers point to BFloat16 (base/half.h).
struct ConvBf16Args : ConvArgs {
  bool src_bf16 = false;
  bool dst_bf16 = false;  // residual and coarse too
};

struct ConvBf16Kernel {
  // Input rows [first, last) of picture n -> panel, conv_bf16_panel_floats(args.shape, last - first) floats.
  void (*pack_rows)(const ConvBf16Args& args, std::int64_t n, std::int64_t first, std::int64_t last, float* panel);
  ConvKernel multiply;  // name, width, blocks; its run is null
  void (*run)(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block);
  // For measuring: `count` rounds of 16 multiplications each, none of which waits for another of its round.
  float (*multiply_bf16)(std::int64_t count);
  float (*multiply_f32)(std::int64_t count);
};

// What a ConvKernel computes, float32 from float32, stored as bfloat16: of layers of few channels, such as the first.
struct ConvIntoBf16Kernel {
  KernelName name;
  void (*run)(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block);
};

// They need Isa::kBf16 besides.
extern const ConvBf16Kernel kConvBf16Avx512;
extern const ConvIntoBf16Kernel kConvIntoBf16Avx512;  // packed as for kConvAvx512

// How many products of bfloat16 this CPU computes in the time of one of float32: 2 where vdpbf16ps is as fast as
// vfmadd231ps (AMD Zen 4 and 5), 0.5 on an Intel Emerald Rapids core (one vdpbf16ps in two cycles at any width, two
// vfmadd231ps in one). Measured (about 0.1 ms) and rounded to a power of two, so that it is the same every time.
double measure_bf16_rate(const ConvBf16Kernel& kernel);

// Rows [first, last) of the input, those inside the picture that output rows [begin, end) read, at least one.
struct InputRows {
  std::int64_t first, last;
};
InputRows conv_bf16_input_rows(const ConvShape& shape, std::int64_t begin, std::int64_t end);

inline std::int64_t conv_bf16_pairs(std::int64_t in_c) {
  return (in_c + 1) / 2;
}
// Columns of the picture and its padding.
inline std::int64_t conv_bf16_panel_width(const ConvShape& s) {
  return (s.out_w - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
}
inline std::int64_t conv_bf16_panel_floats(const ConvShape& s, std::int64_t rows) {
  return rows * conv_bf16_panel_width(s) * conv_bf16_pairs(s.in_c);
}

// For `run`: output rows [begin, end) of picture n as a picture of their own, which reads the panel of
// conv_bf16_input_rows. Weights and bias are those of args.
ConvBf16Args conv_bf16_panel_args(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                                  const float* panel);

// Weights are [out_c][in_c][taps]; packed as conv_pack_weights of in_c/2 pairs, so many floats.
std::int64_t conv_bf16_packed_weights(const ConvKernel& multiply, const ConvShape& shape);
void conv_bf16_pack_weights(const ConvKernel& multiply, const ConvShape& shape, const float* weights, float* packed);

// The definition of right: conv_reference of rounded inputs and weights.
void conv_bf16_reference(const ConvArgs& args, const float* weights, const float* bias);

}  // namespace saker
