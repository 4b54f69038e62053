// A frame and what was found in it, made into what watchers are sent: tracked, written, drawn, encoded.
#pragma once

#include <optional>
#include <string>

#include "serve/stream/camera_feed.h"
#include "serve/stream/stream_text.h"
#include "serve/stream/watchers.h"
#include "tracking/byte_tracker.h"
#include "video/video.h"

namespace saker::serve {

// Frames in their order, by one thread.
class FrameShow {
 public:
  FrameShow(std::string camera, bool track);

  // What the tracker wants to see besides what is shown.
  void adapt(BoxOptions& boxes) const;
  // The next frame. `info`: of its camera.
  void take(const CameraFrame& frame, const FrameAnswer& found, const ServedModel& model, const video::VideoInfo& info);
  // Of that frame. The picture is null where it cannot be encoded.
  SharedText event() const;
  SharedText picture(const PlanarView& planes) const;

 private:
  const std::string camera_;
  std::optional<tracking::ByteTracker> tracker_;
  std::uint64_t count_ = 0;
  SeenFrame seen_;
  std::vector<std::string> labels_;
};

}  // namespace saker::serve
