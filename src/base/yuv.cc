// Facts: ITU-R BT.601-7, BT.709-6; the ranges of samples as ITU-T H.273, 8.3, has them.
#include "base/yuv.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace saker {
namespace {

constexpr int kChunk = 64;  // pixels at a time, in arrays that a compiler makes vectors of

std::int16_t times(int a, int k) {
  return static_cast<std::int16_t>((a * k + (1 << 14)) >> 15);
}

template <int kBytes>
int sample(const std::uint8_t* at, int raise) {
  if constexpr (kBytes == 1) return *at << 8;
  return ((at[0] | at[1] << 8) << raise) & 0xFFC0;
}

// What luma and chroma add to the colours, in 64ths.
struct Terms {
  std::int16_t luma[kChunk];
  std::int16_t red[kChunk / 2], green[kChunk / 2], blue[kChunk / 2];
};

template <int kBytes>
void luma_terms(const YuvPlanes& planes, const std::uint8_t* luma, int count, Terms& terms) {
  const YuvMatrix m = planes.matrix;
  for (int i = 0; i < count; ++i)
    terms.luma[i] = times((sample<kBytes>(luma + i * kBytes, planes.raise) >> 1) - m.black, m.luma);
}

template <int kBytes, int kStep>
void chroma_terms(const YuvPlanes& planes, const std::uint8_t* blue, const std::uint8_t* red, int count, Terms& terms) {
  const YuvMatrix m = planes.matrix;
  for (int i = 0; i < count; ++i) {
    const int u = sample<kBytes>(blue + i * kStep * kBytes, planes.raise) - 0x8000;
    const int v = sample<kBytes>(red + i * kStep * kBytes, planes.raise) - 0x8000;
    terms.red[i] = times(v, m.red_v);
    terms.green[i] = static_cast<std::int16_t>(times(u, m.green_u) + times(v, m.green_v));
    terms.blue[i] = times(u, m.blue_u);
  }
}

std::uint8_t byte_of(int sum) {
  const int value = (sum + 32) >> 6;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// Of a chunk of one colour; `chroma` for two pixels each.
void add_terms(const std::int16_t* luma, const std::int16_t* chroma, std::uint8_t* out) {
  for (int i = 0; i < kChunk / 2; ++i) {
    out[2 * i] = byte_of(luma[2 * i] + chroma[i]);
    out[2 * i + 1] = byte_of(luma[2 * i + 1] + chroma[i]);
  }
}

// Two pixels at a time, where a third follows whose first bytes may be written too early.
void interleave(const std::uint8_t (&colours)[3][kChunk], int count, std::uint8_t* rgb) {
  std::uint32_t pixels[kChunk];
  for (int i = 0; i < kChunk; ++i)
    pixels[i] = colours[0][i] | std::uint32_t{colours[1][i]} << 8 | std::uint32_t{colours[2][i]} << 16;
  int i = 0;
  for (; i + 2 < count; i += 2) {
    const std::uint64_t two = pixels[i] | std::uint64_t{pixels[i + 1]} << 24;
    std::memcpy(rgb + 3 * i, &two, sizeof two);
  }
  for (; i < count; ++i) {
    for (int c = 0; c < 3; ++c) rgb[3 * i + c] = colours[c][i];
  }
}

template <int kBytes, int kStep>
void convert(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb) {
  Terms terms = {};
  std::uint8_t colours[3][kChunk];
  for (int x = first; x < last; x += kChunk) {
    const int count = std::min(kChunk, last - x);
    const std::ptrdiff_t chroma = std::ptrdiff_t{x / 2} * kStep * kBytes;
    luma_terms<kBytes>(planes, planes.data[0] + row * planes.stride[0] + std::ptrdiff_t{x} * kBytes, count, terms);
    chroma_terms<kBytes, kStep>(planes, planes.data[1] + row / 2 * planes.stride[1] + chroma,
                                planes.data[2] + row / 2 * planes.stride[2] + chroma, (count + 1) / 2, terms);
    add_terms(terms.luma, terms.red, colours[0]);
    add_terms(terms.luma, terms.green, colours[1]);
    add_terms(terms.luma, terms.blue, colours[2]);
    interleave(colours, count, rgb);
    rgb += std::ptrdiff_t{3} * count;
  }
}

}  // namespace

// With y and c from 0 to 1 and from -1/2 to 1/2: red = y + 2 (1 - Kr) cr, blue = y + 2 (1 - Kb) cb, and green is what
// luma = Kr red + Kg green + Kb blue leaves.
YuvMatrix yuv_matrix(bool bt709, bool full_range, int bits) {
  const LumaWeights k = luma_weights(bt709);
  const int peak = ((1 << bits) - 1) << (16 - bits);
  const double luma_range = full_range ? peak / 2.0 : 219 << 7, chroma_range = full_range ? peak : 224 << 8;
  constexpr double kOne = 255.0 * 64 * (1 << 15);
  const double red = 2 * (1 - k.red) * kOne / chroma_range, blue = 2 * (1 - k.blue) * kOne / chroma_range;
  const auto fixed = [](double value) { return static_cast<std::int16_t>(std::lrint(value)); };
  return {static_cast<std::int16_t>(full_range ? 0 : 16 << 7),
          fixed(kOne / luma_range),
          fixed(red),
          fixed(-blue * k.blue / k.green()),
          fixed(-red * k.red / k.green()),
          fixed(blue)};
}

YuvPlanes yuv_planes(const PlanarView& picture) {
  const bool pairs = picture.layout == PlanarLayout::kNv12 || picture.layout == PlanarLayout::kP010;
  const bool wide = picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010;
  YuvPlanes planes;
  planes.width = picture.width;
  planes.height = picture.height;
  planes.data = picture.data;
  planes.stride = picture.stride_bytes;
  planes.sample_bytes = wide ? 2 : 1;
  planes.raise = picture.layout == PlanarLayout::kI010 ? 6 : 0;
  planes.chroma_step = pairs ? 2 : 1;
  if (pairs) {
    planes.data[2] = picture.data[1] + planes.sample_bytes;
    planes.stride[2] = picture.stride_bytes[1];
  }
  planes.matrix = yuv_matrix(picture.bt709, picture.full_range, wide ? 10 : 8);
  return planes;
}

void yuv_to_rgb(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb) {
  const bool pairs = planes.chroma_step == 2;
  if (planes.sample_bytes == 1) {
    (pairs ? convert<1, 2> : convert<1, 1>)(planes, row, first, last, rgb);
  } else {
    (pairs ? convert<2, 2> : convert<2, 1>)(planes, row, first, last, rgb);
  }
}

}  // namespace saker
