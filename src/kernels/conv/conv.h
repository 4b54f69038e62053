// 2-D convolution of float32, channels innermost: direct, without an im2col copy.
//
//   dst[n, y, x, o] = act(bias[o] + sum over r, s, c of
//                         src[n, y*stride_h - pad_top + r*dilation_h, x*stride_w - pad_left + s*dilation_w, c] * w[o,
//                         c, r, s]
//                         + coarse[n, y/2, x/2, o])
//                     + residual[n, y, x, o]
//
// where src outside the picture counts as zero; coarse and residual are optional. Groups: the caller runs one group at
// a time, with pointers moved to the group's channels.
#pragma once

#include <cstdint>

#include "base/activation.h"
#include "kernels/kernel_name.h"

namespace saker {

// Element (n, y, x, c) is at data + n*n_step + y*y_step + x*x_step + c, in floats.
struct ImageStrides {
  std::int64_t n_step = 0, y_step = 0, x_step = 0;
};

struct ConvShape {
  std::int64_t batch = 1, in_h = 1, in_w = 1, in_c = 1;
  std::int64_t out_h = 1, out_w = 1, out_c = 1;
  std::int64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;

  std::int64_t taps() const { return kernel_h * kernel_w; }
  std::int64_t pixels() const { return out_h * out_w; }
};

// A picture of half the results' size. Its (0, 0) belongs to the results in [0, 2) x [0, 2) of a picture `row` wide,
// counted on from result `first` where the kernel sees but a part of that picture.
struct CoarsePicture {
  const float* data = nullptr;  // null: none
  ImageStrides at;
  std::int64_t row = 1, first = 0;
};

struct ConvArgs {
  ConvShape shape;
  Activation activation;
  const float* src = nullptr;
  float* dst = nullptr;
  const float* residual = nullptr;  // null: none
  ImageStrides src_at, dst_at, residual_at;
  CoarsePicture coarse;
  // Between the channels of a pixel of src. Not 1: the picture is planar (conv_takes_planes), and the weights are
  // packed by conv_pack_planar.
  std::int64_t src_c_step = 1;
  const float* weights = nullptr;  // packed, 64-byte aligned
  const float* bias = nullptr;     // packed (zeros if the layer has none)
  const float* zeros = nullptr;    // at least in_c zeros, for taps outside the picture
  // What lies behind the last block's weights is needed next, and fetched: the next matrix, or the next layer's.
  bool more_weights = false;
};

// Taps of a kernel at most (11x11 = 121 fits).
constexpr std::int64_t kConvMaxTaps = 128;

// Of a planar source: floats of the part of it that a tile reads.
constexpr std::int64_t kConvPatchFloats = 4096;

// Whether planes (columns one float apart) can be read as they are. True of the first layers of detectors.
inline bool conv_takes_planes(const ConvShape& s) {
  constexpr std::int64_t kWidestTile = 14;
  return s.dilation_w == 1 && s.kernel_h * s.in_c <= kConvMaxTaps && s.stride_w <= kConvPatchFloats &&
         s.kernel_h * s.in_c * ((kWidestTile - 1) * s.stride_w + s.kernel_w) <= kConvPatchFloats;
}

// Output channels are cut into blocks of 1 to max_vectors SIMD vectors. Packed weights: for each
// block, [kernel_h][kernel_w][in_c][block's channels], zeros behind the last channel.
struct ConvKernel {
  KernelName name;
  int width;           // floats per vector
  int max_vectors;     // of a block
  int tile_pixels[5];  // output pixels of a tile at most, by the block's vectors - 1
  // Output pixels [begin, end) (counted row by row) of picture n, blocks [first_block, last_block).
  void (*run)(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block);
};

extern const ConvKernel kConvBaseline, kConvAvx2, kConvAvx512;

// Block b covers vectors [first_vector(b), first_vector(b + 1)).
struct ConvBlocks {
  ConvBlocks(const ConvKernel& kernel, std::int64_t out_c)
      : vectors((out_c + kernel.width - 1) / kernel.width),
        blocks((vectors + kernel.max_vectors - 1) / kernel.max_vectors) {}
  std::int64_t first_vector(std::int64_t block) const { return block * vectors / blocks; }
  std::int64_t vectors, blocks;
};

// Sizes in floats.
std::int64_t conv_packed_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c);
std::int64_t conv_packed_bias(const ConvKernel& kernel, std::int64_t out_c);

// Weight (o, tap, c) is read from weights[o*o_step + tap*tap_step + c*c_step].
struct WeightStrides {
  std::int64_t o_step, tap_step, c_step;
};
void conv_pack_weights(const ConvKernel& kernel, std::int64_t out_c, std::int64_t taps, std::int64_t in_c,
                       const float* weights, WeightStrides at, float* packed);
// For a planar source: [kernel_h][in_c][kernel_w][block's channels]. Weights are [out_c][in_c][kernel_h][kernel_w].
void conv_pack_planar(const ConvKernel& kernel, const ConvShape& shape, const float* weights, float* packed);
void conv_pack_bias(const ConvKernel& kernel, std::int64_t out_c, const float* bias,
                    float* packed);  // bias may be null

// The plain loops: the definition of right. Weights are [out_c][in_c][kernel_h][kernel_w], bias [out_c] or null.
void conv_reference(const ConvArgs& args, const float* weights, const float* bias);

}  // namespace saker
