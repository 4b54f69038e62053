#include "video/libav/even_frame.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "base/try.h"
#include "video/libav/planes.h"

namespace saker::video {
namespace {

void copy_rows(const std::uint8_t* from, std::ptrdiff_t stride, std::uint8_t* to, std::ptrdiff_t to_stride, int width,
               int height) {
  for (int y = 0; y < height; ++y) std::memcpy(to + y * to_stride, from + y * stride, static_cast<std::size_t>(width));
}

// kNv12's pairs into two planes.
void split_rows(const std::uint8_t* pairs, std::ptrdiff_t stride, AVFrame& frame, int width, int height) {
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const from = pairs + y * stride;
    std::uint8_t* const u = frame.data[1] + y * frame.linesize[1];
    std::uint8_t* const v = frame.data[2] + y * frame.linesize[2];
    for (int x = 0; x < width; ++x) {
      u[x] = from[2 * x];
      v[x] = from[2 * x + 1];
    }
  }
}

}  // namespace

Result<EvenFrame> EvenFrame::create(int width, int height, Colors colors) {
  EvenFrame even;
  even.width_ = width;
  even.height_ = height;
  even.colors_ = colors;
  SAKER_ASSIGN(even.frame_, new_frame(AV_PIX_FMT_YUV420P, width + width % 2, height + height % 2));
  return even;
}

// Only luma can lack a column or a row: chroma is rounded up.
void EvenFrame::repeat_edges() {
  std::uint8_t* const luma = frame_->data[0];
  const std::ptrdiff_t stride = frame_->linesize[0];
  if (width_ % 2 != 0) {
    for (int y = 0; y < height_; ++y) luma[y * stride + width_] = luma[y * stride + width_ - 1];
  }
  if (height_ % 2 != 0)
    std::memcpy(luma + height_ * stride, luma + (height_ - 1) * stride, static_cast<std::size_t>(frame_->width));
}

Status EvenFrame::convert(const PlanarView& picture) {
  const AVPixelFormat from = pixel_format_of(picture.layout);
  const Colors colors{picture.bt709, picture.full_range};
  if (scaler_ == nullptr || from != from_ || !(colors == from_colors_)) {
    scaler_ = new_scaler(width_, height_, from, colors, AV_PIX_FMT_YUV420P, colors_);
    if (scaler_ == nullptr) return Error{ErrorCode::kLimit, "out of memory"};
    from_ = from;
    from_colors_ = colors;
  }
  const std::uint8_t* const data[] = {picture.data[0], picture.data[1], picture.data[2], nullptr};
  const int strides[] = {static_cast<int>(picture.stride_bytes[0]), static_cast<int>(picture.stride_bytes[1]),
                         static_cast<int>(picture.stride_bytes[2]), 0};
  sws_scale(scaler_.get(), data, strides, 0, height_, frame_->data, frame_->linesize);
  return {};
}

Status EvenFrame::fill(const PlanarView& picture) {
  if (picture.width != width_ || picture.height != height_) {
    return Error{ErrorCode::kInvalid, fmt::format("a picture of {}x{} pixels in a video of {}x{}", picture.width,
                                                  picture.height, width_, height_)};
  }
  if (av_frame_make_writable(frame_.get()) < 0) return Error{ErrorCode::kLimit, "out of memory"};
  const bool planes = picture.layout == PlanarLayout::kI420, pairs = picture.layout == PlanarLayout::kNv12;
  const int chroma_width = (width_ + 1) / 2, chroma_height = (height_ + 1) / 2;
  if (!(colors_ == Colors{picture.bt709, picture.full_range}) || (!planes && !pairs)) {
    SAKER_TRY(convert(picture));
  } else {
    copy_rows(picture.data[0], picture.stride_bytes[0], frame_->data[0], frame_->linesize[0], width_, height_);
    if (pairs) split_rows(picture.data[1], picture.stride_bytes[1], *frame_, chroma_width, chroma_height);
    for (std::size_t p = 1; planes && p < 3; ++p)
      copy_rows(picture.data[p], picture.stride_bytes[p], frame_->data[p], frame_->linesize[p], chroma_width,
                chroma_height);
  }
  repeat_edges();
  return {};
}

}  // namespace saker::video
