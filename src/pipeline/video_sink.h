// What becomes of one video's frames when their boxes are known: tracked, written about, drawn on, encoded; in their
// order, by a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/detect_frames.h"
#include "pipeline/result_writers.h"
#include "pipeline/stage_times.h"
#include "pipeline/video_parts.h"
#include "tracking/scene.h"
#include "video/video.h"

namespace saker {

struct VideoSinkOptions {
  video::VideoLibrary* library = nullptr;  // for a path or a window
  std::string name;                        // of the source, without its password
  video::VideoInfo info;
  std::size_t stride = 1;

  std::string path;                // of the new video; empty: none
  std::vector<std::string> taken;  // by others: no part of it is called so
  bool show = false;
  int quality = 23, threads = 0;  // as video::WriteOptions

  std::vector<std::string> labels;
  bool overlay = true;                 // boxes alone, without it
  std::vector<std::string> note;       // lines below the frame rate
  std::function<std::string()> state;  // one more, which changes; may be empty

  std::optional<tracking::TrackerOptions> track;  // only boxes of tracks are shown then
  std::optional<tracking::Scene> scene;           // wants `track`
  TextOut lines, mot, events;                     // may be empty; called by the sink's thread
};

class VideoSink {
 public:
  static constexpr std::size_t kWaiting = 2;  // frames; of a live source each waiting one makes what is shown older

  explicit VideoSink(VideoSinkOptions options);
  ~VideoSink();  // without finish() no video appears

  // Waits while kWaiting frames wait. False: something went wrong, which finish() tells.
  bool put(PictureResult&& frame);
  // Waits for the work on all that was put, and completes the videos.
  Status finish();
  // Stops soon, without the videos; what went wrong before, if something did.
  Status abandon();
  bool failed() const;

  // After finish().
  const StageFigures& figures() const;
  std::vector<VideoPart> parts() const;
  std::vector<tracking::Counts> counts() const;  // of the scene
  std::size_t frames() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace saker
