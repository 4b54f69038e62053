// Frames of videos and cameras, one or several at once. Each is read and decoded by a thread of its own. A file waits
// for whoever takes its frames; of a live source the newest frame wins, and it is opened again when it has gone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/frame_source.h"
#include "pipeline/motion_gate.h"
#include "video/video.h"

namespace saker {

struct VideoOptions {
  video::ReadOptions read;
  std::size_t stride = 1;  // of a file, each so many-th frame; of a live source likewise, before the newest is chosen
  std::size_t ahead = 3;   // decoded frames of a file that wait to be taken
  double first_wait = 0.25,
         longest_wait = 2;              // seconds before a lost live source is opened again (backoff.h)
  std::optional<double> give_up;        // seconds without a frame; empty: a live source is never given up
  std::optional<MotionOptions> motion;  // says of frames in which nothing moves that they are still
  // Told when a live source is lost, with why, and when it gives frames again; by the thread that reads it. May be
  // empty.
  std::function<void(const std::string&)> tell;
};

// What became of one source.
struct SourceFigures {
  std::string name;         // without its password
  video::VideoInfo info;    // as it was when it was opened first
  std::size_t frames = 0;   // decoded
  std::size_t taken = 0;    // by next()
  std::size_t dropped = 0;  // of a live source: decoded, and not wanted any more when there was time for them
  std::size_t damaged = 0;
  std::size_t reconnects = 0;  // times that it was lost and gave frames again
  double longest_gap = 0;      // seconds that a lost source gave no frame
  std::string error;           // the last that was wrong with it
  bool ended = false;
};

// Frames come with the number that they have among those decoded of their source: stride and drops leave gaps. Times
// and pts of a live source ascend through reconnections. decode_ms is for a file the time of Reader::next(); for a live
// source the time since the frame's last packet had come, as the wait for packets is no work.
class VideoFrames final : public FrameSource {
 public:
  // Opens all, at the same time. Errors as VideoLibrary::open; one source that cannot be opened is an error of all.
  // kLimit: no more threads, or no memory.
  static Result<std::unique_ptr<VideoFrames>> open(video::VideoLibrary& library,
                                                   const std::vector<std::string>& sources,
                                                   const VideoOptions& options);
  ~VideoFrames() override;

  // Waits for a frame. Of several sources that have one, the one that has waited for its turn the longest. Nothing
  // after the last frame of the last source, and after stop().
  std::optional<Frame> next() override;
  std::optional<std::size_t> size() const override;  // where all files say it
  // next() and the readers end soon, and so does what is being opened again.
  void stop() noexcept override;

  std::size_t sources() const;
  SourceFigures figures(std::size_t source) const;  // at any time

 private:
  struct Shared;
  explicit VideoFrames(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace saker
