#include "serve/stream/frame_show.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "media/draw.h"
#include "media/formats.h"
#include "media/yuv.h"
#include "pipeline/video_overlay.h"
#include "serve/log.h"

namespace saker::serve {
namespace {

constexpr int kJpegQuality = 80;          // many pictures, each seen for a moment
constexpr double kUsualFrame = 1.0 / 30;  // seconds, of cameras that do not tell

std::string utc_time_of(Time then) {
  const auto age = std::chrono::steady_clock::now() - then;
  return utc_time(std::chrono::system_clock::now() -
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(age));
}

}  // namespace

FrameShow::FrameShow(std::string camera, bool track) : camera_(std::move(camera)) {
  if (track) tracker_.emplace(tracking::TrackerOptions{});
}

void FrameShow::adapt(BoxOptions& boxes) const {
  if (tracker_) boxes.conf = std::min(boxes.conf, static_cast<float>(tracking::TrackerOptions{}.track_low_thresh));
}

void FrameShow::take(const CameraFrame& frame, const FrameAnswer& found, const ServedModel& model,
                     const video::VideoInfo& info) {
  labels_ = model.spec()->labels();
  seen_ = {};
  seen_.camera = camera_;
  seen_.sequence = count_++;
  seen_.frame = frame.number;
  seen_.seconds = frame.seconds;
  seen_.time = utc_time_of(frame.received);
  seen_.width = frame.picture.view.width, seen_.height = frame.picture.view.height;
  seen_.model = model.name(), seen_.version = model.version();
  seen_.boxes = found.boxes;
  seen_.ms = found.ms;
  if (!tracker_) return;
  const double rate = info.frame_rate.value();
  seen_.tracked = true;
  seen_.tracks = tracker_->update(found.boxes, frame.seconds, rate > 0 ? 1 / rate : kUsualFrame);
  seen_.boxes.clear();
  for (const tracking::Track& track : seen_.tracks) seen_.boxes.push_back(found.boxes[track.detection]);
}

SharedText FrameShow::event() const {
  return std::make_shared<const std::string>(frame_event(seen_, labels_));
}

SharedText FrameShow::picture(const PlanarView& planes) const {
  Image image = to_rgb(planes);
  draw_boxes(image, tracked_boxes(seen_.boxes, seen_.tracks, labels_));
  const auto jpeg = encode_jpeg(image.view(), kJpegQuality);
  return jpeg.ok() ? std::make_shared<const std::string>(picture_part(seen_, *jpeg)) : nullptr;
}

}  // namespace saker::serve
