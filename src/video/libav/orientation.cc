#include "video/libav/orientation.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace saker::video {
namespace {

struct Plane {
  const std::uint8_t* data;
  std::ptrdiff_t stride;
  int width, height;  // samples, of the source
};

// A block of so many samples a side stays in the first cache level whichever way it is walked.
constexpr int kBlock = 32;

// Without alignment: cropped pictures begin anywhere.
template <std::size_t kBytes>
struct Sample {
  std::array<std::uint8_t, kBytes> bytes;
};

// The constant steps, which compilers make vectors of, are those of pictures that are not transposed.
template <std::size_t kBytes>
void copy_row(const std::uint8_t* from, std::ptrdiff_t step, Sample<kBytes>* to, int count) {
  constexpr auto kSample = static_cast<std::ptrdiff_t>(kBytes);
  const auto* const samples = reinterpret_cast<const Sample<kBytes>*>(from);
  if (step == kSample) {
    std::copy_n(samples, count, to);
  } else if (step == -kSample) {
    for (int i = 0; i < count; ++i) to[i] = samples[-i];
  } else {
    for (int i = 0; i < count; ++i) to[i] = *reinterpret_cast<const Sample<kBytes>*>(from + i * step);
  }
}

template <std::size_t kBytes>
void turn_plane(const Plane& in, Orientation o, std::uint8_t* out, std::ptrdiff_t out_stride) {
  const int width = o.transposed ? in.height : in.width;  // of the result
  const int height = o.transposed ? in.width : in.height;
  // A step to the right in the result, in bytes of the source.
  const auto sample = static_cast<std::ptrdiff_t>(kBytes);
  const std::ptrdiff_t step = (o.transposed ? in.stride : sample) * (o.mirrored_x ? -1 : 1);
  for (int y0 = 0; y0 < height; y0 += kBlock) {
    for (int x0 = 0; x0 < width; x0 += kBlock) {
      const int y1 = std::min(y0 + kBlock, height), count = std::min(kBlock, width - x0);
      for (int y = y0; y < y1; ++y) {
        const std::ptrdiff_t along = o.mirrored_x ? width - 1 - x0 : x0, across = o.mirrored_y ? height - 1 - y : y;
        const std::ptrdiff_t row = o.transposed ? along : across, column = o.transposed ? across : along;
        const std::uint8_t* from = in.data + row * in.stride + column * sample;
        auto* to = reinterpret_cast<Sample<kBytes>*>(out + y * out_stride) + x0;
        copy_row(from, step, to, count);
      }
    }
  }
}

}  // namespace

int Orientation::degrees() const {
  if (!transposed) return mirrored_y ? 180 : 0;
  return mirrored_x ? 90 : 270;
}

Orientation orientation_of(const std::array<std::int32_t, 9>& matrix) {
  const std::int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) return {false, a < 0, d < 0};
  return {true, c < 0, b < 0};
}

void turn_planes(const PlanarView& picture, Orientation orientation, const WritablePlanes& out) {
  const bool pairs = picture.layout == PlanarLayout::kNv12 || picture.layout == PlanarLayout::kP010;
  const bool wide = picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010;
  for (std::size_t p = 0; p < (pairs ? 2U : 3U); ++p) {
    const int width = p == 0 ? picture.width : (picture.width + 1) / 2;
    const int height = p == 0 ? picture.height : (picture.height + 1) / 2;
    const Plane plane{picture.data[p], picture.stride_bytes[p], width, height};
    const std::size_t bytes = (wide ? 2U : 1U) * (pairs && p == 1 ? 2U : 1U);
    auto* const turn = bytes == 1 ? turn_plane<1> : bytes == 2 ? turn_plane<2> : turn_plane<4>;
    turn(plane, orientation, out.data[p], out.stride_bytes[p]);
  }
}

}  // namespace saker::video
