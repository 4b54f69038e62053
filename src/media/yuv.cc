// Facts: ITU-R BT.601-7, BT.709-6; JFIF 1.02 for where chroma is taken.
#include "media/yuv.h"

#include <array>
#include <cmath>
#include <cstring>

#include "base/yuv.h"

namespace saker {
namespace {

// One sample of `step`, as 8 bits.
template <int kStep>
void copy_bytes(const std::uint8_t* from, int count, std::uint8_t* to) {
  for (int i = 0; i < count; ++i) to[i] = from[kStep * i];
}

template <int kStep>
void copy_wide(const std::uint8_t* from, int raise, int count, std::uint8_t* to) {
  const int shift = 8 - raise;
  for (int i = 0; i < count; ++i) {
    const std::uint8_t* at = from + 2 * kStep * i;
    to[i] = static_cast<std::uint8_t>((at[0] | at[1] << 8) >> shift);
  }
}

void copy_row(const YuvPlanes& planes, std::size_t plane, int row, int count, std::uint8_t* to) {
  const std::uint8_t* from = planes.data[plane] + row * planes.stride[plane];
  const bool pairs = plane > 0 && planes.chroma_step == 2;
  if (planes.sample_bytes == 2) {
    (pairs ? copy_wide<2> : copy_wide<1>)(from, planes.raise, count, to);
  } else if (pairs) {
    copy_bytes<2>(from, count, to);
  } else {
    std::memcpy(to, from, static_cast<std::size_t>(count));
  }
}

void copy_plane(const YuvPlanes& planes, std::size_t plane, int width, int height, std::vector<std::uint8_t>& out) {
  for (int y = 0; y < height; ++y) copy_row(planes, plane, y, width, out.data() + std::ptrdiff_t{y} * width);
}

void set_size(int width, int height, I420Image& out) {
  out.width = width;
  out.height = height;
  out.y.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (auto* plane : {&out.u, &out.v})
    plane->resize(static_cast<std::size_t>(out.chroma_width()) * static_cast<std::size_t>(out.chroma_height()));
}

// A weighted sum of red, green and blue with 16 fractional bits; `offset` rounds it.
struct Weights {
  int red, green, blue, offset;
  std::uint8_t of(int r, int g, int b) const {
    return static_cast<std::uint8_t>((red * r + green * g + blue * b + offset) >> 16);
  }
};

// `unit`: of a sum from 0 to 255. The weights of a difference add up to nothing, so that grey has none.
Weights weights(double red, double green, double blue, double unit, int black) {
  const auto fixed = [&](double value) { return static_cast<int>(std::lrint(value * unit * 65536 / 255)); };
  const int r = fixed(red), b = fixed(blue);
  return {r, fixed(red + green + blue) - r - b, b, (black << 16) + 32768};
}

struct Encoding {
  Weights luma, blue, red;
};

Encoding encoding(bool bt709) {
  const LumaWeights k = luma_weights(bt709);
  const double b = 0.5 / (1 - k.blue), r = 0.5 / (1 - k.red);
  return {weights(k.red, k.green(), k.blue, 219, 16), weights(-k.red * b, -k.green() * b, 0.5, 224, 128),
          weights(0.5, -k.green() * r, -k.blue * r, 224, 128)};
}

// The mean of a block of 2x2 pixels; columns and rows beyond the picture repeat its last.
struct Block {
  const std::uint8_t *top, *bottom;
  int right;  // bytes from the left pixels to the right ones
  int mean(int c) const { return (top[c] + top[right + c] + bottom[c] + bottom[right + c] + 2) >> 2; }
};

}  // namespace

void copy_planes(const PlanarView& picture, I420Image& out) {
  const YuvPlanes planes = yuv_planes(picture);
  set_size(picture.width, picture.height, out);
  out.bt709 = picture.bt709;
  out.full_range = picture.full_range;
  copy_plane(planes, 0, out.width, out.height, out.y);
  copy_plane(planes, 1, out.chroma_width(), out.chroma_height(), out.u);
  copy_plane(planes, 2, out.chroma_width(), out.chroma_height(), out.v);
}

Image to_rgb(const PlanarView& picture) {
  const YuvPlanes planes = yuv_planes(picture);
  const auto row_bytes = std::size_t{3} * static_cast<std::size_t>(picture.width);
  Image image{picture.width, picture.height, {}, {}};
  image.pixels.resize(row_bytes * static_cast<std::size_t>(picture.height));
  for (int y = 0; y < picture.height; ++y)
    yuv_to_rgb(planes, y, 0, picture.width, image.pixels.data() + static_cast<std::size_t>(y) * row_bytes);
  return image;
}

void from_rgb(const ImageView& picture, I420Image& out) {
  set_size(picture.width, picture.height, out);
  out.full_range = false;
  const Encoding code = encoding(out.bt709);
  const int r = picture.format == PixelFormat::kBgr ? 2 : 0, b = 2 - r;
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* pixel = picture.data + y * picture.stride_bytes;
    std::uint8_t* luma = out.y.data() + std::ptrdiff_t{y} * out.width;
    for (int x = 0; x < out.width; ++x, pixel += 3) luma[x] = code.luma.of(pixel[r], pixel[1], pixel[b]);
  }
  for (int y = 0; y < out.chroma_height(); ++y) {
    const std::uint8_t* top = picture.data + std::ptrdiff_t{2} * y * picture.stride_bytes;
    const std::uint8_t* bottom = 2 * y + 1 < out.height ? top + picture.stride_bytes : top;
    const std::ptrdiff_t first = std::ptrdiff_t{y} * out.chroma_width();
    for (int x = 0; x < out.chroma_width(); ++x) {
      const Block block{top + 6 * x, bottom + 6 * x, 2 * x + 1 < out.width ? 3 : 0};
      const int red = block.mean(r), green = block.mean(1), blue = block.mean(b);
      out.u[static_cast<std::size_t>(first + x)] = code.blue.of(red, green, blue);
      out.v[static_cast<std::size_t>(first + x)] = code.red.of(red, green, blue);
    }
  }
}

}  // namespace saker
