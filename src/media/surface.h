// What boxes and text are drawn on: an RGB picture, or the planes of a video's frame.
#pragma once

#include <saker/image.h>

#include <array>
#include <cstdint>

#include "media/label_layout.h"
#include "media/palette.h"
#include "media/yuv.h"

namespace saker {

class Surface {
 public:
  virtual ~Surface() = default;
  virtual int width() const = 0;  // pixels; 0: nothing can be drawn
  virtual int height() const = 0;
  // The part of `rect` that is inside.
  virtual void fill(PixelRect rect, Rgb8 color) = 0;
  // Mixes the colour in: `alpha` has a value for each pixel of `place`, row by row, 255 for the colour alone.
  virtual void blend(const PixelRect& place, const std::uint8_t* alpha, Rgb8 color) = 0;

 protected:
  PixelRect inside(const PixelRect& rect) const;
};

// One whose pixels are too few for its size is empty.
class RgbSurface final : public Surface {
 public:
  explicit RgbSurface(Image& image);
  int width() const override { return width_; }
  int height() const override { return height_; }
  void fill(PixelRect rect, Rgb8 color) override;
  void blend(const PixelRect& place, const std::uint8_t* alpha, Rgb8 color) override;

 private:
  std::uint8_t* pixel(int x, int y) const;

  Image& image_;
  int width_ = 0, height_ = 0;
};

// Luma is drawn pixel by pixel. A chroma sample takes as much of a colour as its block of 2x2 pixels is covered, which
// is what drawing on RGB and taking the mean of the block comes to.
class PlanarSurface final : public Surface {
 public:
  explicit PlanarSurface(I420Image& image);
  int width() const override { return width_; }
  int height() const override { return height_; }
  void fill(PixelRect rect, Rgb8 color) override;
  void blend(const PixelRect& place, const std::uint8_t* alpha, Rgb8 color) override;

 private:
  using Yuv = std::array<std::uint8_t, 3>;
  Yuv planes_color(Rgb8 color) const;
  int pixels_of_block(int block_x, int block_y) const;
  void mix_chroma(int block_x, int block_y, unsigned covered, const Yuv& color);

  I420Image& image_;
  int width_ = 0, height_ = 0;
};

}  // namespace saker
