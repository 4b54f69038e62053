// Pictures as encoders and windows take them: kI420 planes of even size.
#pragma once

#include <saker/planar.h>
#include <saker/result.h>

#include "video/libav/av.h"
#include "video/libav/planes.h"

namespace saker::video {

// A frame that is filled again and again.
class EvenFrame {
 public:
  // Pictures of width x height; the frame repeats the last column or row where that is odd.
  static Result<EvenFrame> create(int width, int height, Colors colors);

  // Copies kI420 and kNv12 of the agreed colours; what is in others is converted. Errors: kInvalid (another size),
  // kLimit.
  Status fill(const PlanarView& picture);
  AVFrame& frame() { return *frame_; }

 private:
  Status convert(const PlanarView& picture);
  void repeat_edges();

  int width_ = 0, height_ = 0;
  Colors colors_;
  FramePtr frame_;
  SwsPtr scaler_;  // from pictures of these:
  AVPixelFormat from_ = AV_PIX_FMT_NONE;
  Colors from_colors_;
};

}  // namespace saker::video
