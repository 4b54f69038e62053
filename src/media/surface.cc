// Filling and blending on RGB pixels and on planes.
#include "media/surface.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/yuv.h"

namespace saker {
namespace {

std::uint8_t mix(std::uint8_t under, std::uint8_t over, unsigned alpha) {
  return static_cast<std::uint8_t>((under * (255U - alpha) + over * alpha + 127U) / 255U);
}

std::uint8_t sample(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

std::size_t offset(int x, int y, int stride) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(x);
}

// How many of the pixels of block `block` lie in from..to.
int covered(int block, int from, int to) {
  return std::max(0, std::min(2 * block + 2, to) - std::max(2 * block, from));
}

}  // namespace

PixelRect Surface::inside(const PixelRect& rect) const {
  return {std::max(rect.x0, 0), std::max(rect.y0, 0), std::min(rect.x1, width()), std::min(rect.y1, height())};
}

RgbSurface::RgbSurface(Image& image) : image_(image) {
  if (image.width <= 0 || image.height <= 0) return;
  if (image.pixels.size() / 3 / static_cast<std::size_t>(image.width) < static_cast<std::size_t>(image.height)) return;
  width_ = image.width, height_ = image.height;
}

std::uint8_t* RgbSurface::pixel(int x, int y) const {
  return image_.pixels.data() + offset(x, y, width_) * 3;
}

void RgbSurface::fill(PixelRect rect, Rgb8 color) {
  rect = inside(rect);
  for (int y = rect.y0; y < rect.y1 && rect.x0 < rect.x1; ++y) {
    std::uint8_t* rgb = pixel(rect.x0, y);
    for (int x = rect.x0; x < rect.x1; ++x, rgb += 3) {
      rgb[0] = color.r;
      rgb[1] = color.g;
      rgb[2] = color.b;
    }
  }
}

void RgbSurface::blend(const PixelRect& place, const std::uint8_t* alpha, Rgb8 color) {
  const PixelRect part = inside(place);
  for (int y = part.y0; y < part.y1; ++y) {
    for (int x = part.x0; x < part.x1; ++x) {
      const unsigned share = alpha[offset(x - place.x0, y - place.y0, place.width())];
      std::uint8_t* rgb = pixel(x, y);
      rgb[0] = mix(rgb[0], color.r, share);
      rgb[1] = mix(rgb[1], color.g, share);
      rgb[2] = mix(rgb[2], color.b, share);
    }
  }
}

PlanarSurface::PlanarSurface(I420Image& image) : image_(image) {
  if (image.width <= 0 || image.height <= 0) return;
  const std::size_t luma = offset(0, image.height, image.width);
  const std::size_t chroma = offset(0, image.chroma_height(), image.chroma_width());
  if (image.y.size() < luma || image.u.size() < chroma || image.v.size() < chroma) return;
  width_ = image.width, height_ = image.height;
}

PlanarSurface::Yuv PlanarSurface::planes_color(Rgb8 color) const {
  const LumaWeights weights = luma_weights(image_.bt709);
  const double luma = weights.red * color.r + weights.green() * color.g + weights.blue * color.b;
  const double u = (color.b - luma) / (2 - 2 * weights.blue), v = (color.r - luma) / (2 - 2 * weights.red);
  if (image_.full_range) return {sample(luma), sample(128 + u), sample(128 + v)};
  return {sample(16 + luma * 219 / 255), sample(128 + u * 224 / 255), sample(128 + v * 224 / 255)};
}

// Fewer than four at the lower and right edge of odd sizes.
int PlanarSurface::pixels_of_block(int block_x, int block_y) const {
  return covered(block_x, 0, width_) * covered(block_y, 0, height_);
}

// covered: of 255 times the pixels of the block.
void PlanarSurface::mix_chroma(int block_x, int block_y, unsigned covered, const Yuv& color) {
  const auto pixels = static_cast<unsigned>(pixels_of_block(block_x, block_y));
  const unsigned alpha = (covered + pixels / 2) / pixels;
  const std::size_t at = offset(block_x, block_y, image_.chroma_width());
  image_.u[at] = mix(image_.u[at], color[1], alpha);
  image_.v[at] = mix(image_.v[at], color[2], alpha);
}

void PlanarSurface::fill(PixelRect rect, Rgb8 color) {
  rect = inside(rect);
  if (rect.width() <= 0 || rect.height() <= 0) return;
  const Yuv yuv = planes_color(color);
  for (int y = rect.y0; y < rect.y1; ++y) {
    std::memset(image_.y.data() + offset(rect.x0, y, width_), yuv[0], static_cast<std::size_t>(rect.width()));
  }
  for (int by = rect.y0 / 2; 2 * by < rect.y1; ++by) {
    for (int bx = rect.x0 / 2; 2 * bx < rect.x1; ++bx) {
      const int pixels = covered(bx, rect.x0, rect.x1) * covered(by, rect.y0, rect.y1);
      mix_chroma(bx, by, 255U * static_cast<unsigned>(pixels), yuv);
    }
  }
}

void PlanarSurface::blend(const PixelRect& place, const std::uint8_t* alpha, Rgb8 color) {
  const PixelRect part = inside(place);
  if (part.width() <= 0 || part.height() <= 0) return;
  const Yuv yuv = planes_color(color);
  const auto alpha_at = [&](int x, int y) { return alpha[offset(x - place.x0, y - place.y0, place.width())]; };
  for (int y = part.y0; y < part.y1; ++y) {
    for (int x = part.x0; x < part.x1; ++x) {
      std::uint8_t& luma = image_.y[offset(x, y, width_)];
      luma = mix(luma, yuv[0], alpha_at(x, y));
    }
  }
  for (int by = part.y0 / 2; 2 * by < part.y1; ++by) {
    for (int bx = part.x0 / 2; 2 * bx < part.x1; ++bx) {
      unsigned sum = 0;
      for (int y = std::max(2 * by, part.y0); y < std::min(2 * by + 2, part.y1); ++y) {
        for (int x = std::max(2 * bx, part.x0); x < std::min(2 * bx + 2, part.x1); ++x) sum += alpha_at(x, y);
      }
      if (sum > 0) mix_chroma(bx, by, sum, yuv);
    }
  }
}

}  // namespace saker
