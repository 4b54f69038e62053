// Decoded pictures as upright planes of a PlanarLayout.
#pragma once

#include <saker/planar.h>
#include <saker/result.h>

#include "video/libav/av.h"
#include "video/libav/orientation.h"

namespace saker::video {

struct Planes {
  PlanarView view;
  FramePtr owner;  // of what the view shows
};

struct Colors {
  bool bt709 = false, full_range = false;
  bool operator==(const Colors&) const = default;
};

class PlaneMaker {
 public:
  // The decoder's own planes where they are such and upright, else a copy: other pixels become kI420 of the same matrix
  // and range, RGB of limited range. Errors: kUnsupported (pixels that libswscale does not read), kLimit (memory).
  Result<Planes> make(FramePtr frame, Orientation orientation);

 private:
  struct Conversion {
    int width = 0, height = 0;
    AVPixelFormat from = AV_PIX_FMT_NONE;
    Colors colors;  // of both
    bool operator==(const Conversion&) const = default;
  };
  Result<Planes> converted(const AVFrame& frame, const Conversion& conversion);

  Conversion conversion_;
  SwsPtr scaler_;  // for conversion_
};

// libav's name for a layout.
AVPixelFormat pixel_format_of(PlanarLayout layout);

// Memory for a picture. Error kLimit.
Result<FramePtr> new_frame(AVPixelFormat format, int width, int height);

// Between pixels of one size. Null: libswscale does not read or write them.
SwsPtr new_scaler(int width, int height, AVPixelFormat from, Colors from_colors, AVPixelFormat to, Colors to_colors);

}  // namespace saker::video
