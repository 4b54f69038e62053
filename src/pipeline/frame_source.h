// Where frames come from: picture files today; a video or a camera is one more implementation.
#pragma once

#include <saker/image.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace saker {

struct Frame {
  std::size_t index = 0;          // from 0, in the order of the source
  std::string name;               // of its file as the user named it; "-": stdin
  std::optional<double> seconds;  // since the source's first frame; pictures have no time
  // The pixels, or why there are none. Called at most once, by any thread and beside those of other frames: what is
  // slow and can be done in parallel, such as decoding a picture, belongs here and not into next().
  std::function<Result<Image>(const ImageReadOptions&)> read;
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  // The next frame; nothing after the last. Never called by two threads at a time.
  virtual std::optional<Frame> next() = 0;
  // How many frames there are in all; nothing if only the end will tell.
  virtual std::optional<std::size_t> size() const { return std::nullopt; }
};

}  // namespace saker
