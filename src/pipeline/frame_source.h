// Where frames come from: picture files, or videos and cameras (video_frames.h).
#pragma once

#include <saker/image.h>
#include <saker/planar.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace saker {

// A decoder's planes, and what keeps them.
struct PlanarPicture {
  PlanarView view;
  std::shared_ptr<const void> owner;
};

using FramePicture = std::variant<Image, PlanarPicture>;

struct FrameInfo {
  std::size_t index = 0;          // from 0, in the order of the source
  std::size_t source = 0;         // which one, where several are read at once; each has indices of its own
  std::string name;               // of its file as the user named it; "-": stdin
  std::optional<double> seconds;  // since the source's first frame; pictures have no time
  std::int64_t pts = 0;           // of a video's frame, in its time base
  std::optional<std::chrono::steady_clock::time_point> received;  // when a live source had sent it
  double decode_ms = 0;
  bool still = false;  // nothing moves in it: the detector need not look at it
};

struct Frame : FrameInfo {
  // The picture, or why there is none. Called at most once, by any thread and beside those of other frames: what is
  // slow and can be done in parallel, such as decoding a picture, belongs here and not into next().
  std::function<Result<FramePicture>(const ImageReadOptions&)> read;
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  // The next frame; nothing after the last. Never called by two threads at a time.
  virtual std::optional<Frame> next() = 0;
  // How many frames there are in all; nothing if only the end will tell.
  virtual std::optional<std::size_t> size() const { return std::nullopt; }
  // From any thread: nobody wants more, and next() does not wait any longer.
  virtual void stop() noexcept {}
};

}  // namespace saker
