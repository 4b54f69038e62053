// The frames of one camera, as they come, by a thread of its own; lost ones are opened again.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "pipeline/backoff.h"
#include "pipeline/frame_source.h"
#include "pipeline/video_feed.h"
#include "serve/stream/stop_wait.h"
#include "video/video.h"

namespace saker::serve {

struct CameraFrame {
  PlanarPicture picture;
  std::uint64_t number = 0;  // among those that were read, from 0
  double seconds = 0;        // since the first one; ascends
  Time received;
};

// Called by the feed's thread.
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  virtual void on_open(const video::VideoInfo& info) = 0;  // before the first frame of each opening
  virtual void on_frame(CameraFrame frame) = 0;
  virtual void on_lost(const std::string& why) = 0;  // of each attempt; it is tried again
};

struct FeedOptions {
  std::string name;    // in messages, in the place of the source
  std::string source;  // URL, /dev/video0, or a file, which is shown at its own speed over and over
  video::ReadOptions read = {};
  double first_wait = 0.5, longest_wait = 10;  // seconds before what was lost is opened again (pipeline/backoff.h)
};

class CameraFeed {
 public:
  // Reads from now on. What it gets must outlive it.
  CameraFeed(video::VideoLibrary& library, const FeedOptions& options, FeedListener& listener,
             std::unique_ptr<StopWait> wait = std::make_unique<SteadyWait>());
  ~CameraFeed();  // no more calls
  CameraFeed(const CameraFeed&) = delete;
  CameraFeed& operator=(const CameraFeed&) = delete;

 private:
  void run();
  std::string play();
  std::string read(video::Reader& reader);
  bool stopped() const { return wait_->stopped(); }

  video::VideoLibrary& library_;
  FeedOptions options_;
  FeedListener& listener_;
  const std::unique_ptr<StopWait> wait_;

  // Of the thread.
  Backoff backoff_;
  std::unique_ptr<SourceClock> clock_;
  std::uint64_t frames_ = 0;

  std::mutex mutex_;
  video::Reader* reader_ = nullptr;  // to be interrupted; under the mutex
  std::thread thread_;
};

// A camera's threads give way to those that answer requests.
void step_back();

}  // namespace saker::serve
