// One of the videos and cameras of VideoFrames, with its thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/backoff.h"
#include "pipeline/frame_source.h"
#include "pipeline/motion_gate.h"
#include "pipeline/video_frames.h"
#include "video/video.h"

namespace saker {

// What all feeds share with whoever takes their frames.
struct FeedHub {
  std::mutex mutex;
  std::condition_variable news;       // a frame has come; a feed has been opened, or has ended
  std::atomic<bool> stopped = false;  // set under the mutex
};

// Time stamps of a source that go on where its next reader begins again.
class SourceClock {
 public:
  explicit SourceClock(video::Rational time_base) : time_base_(time_base) {}
  void restart() { offset_.reset(); }  // the next frame is another reader's first
  void stamp(const video::VideoFrame& frame, FrameInfo& info);

 private:
  video::Rational time_base_;  // of the first reader
  std::optional<std::chrono::steady_clock::time_point> begin_;
  std::optional<double> offset_;  // seconds to add to those of the reader
  std::int64_t first_pts_ = 0, last_pts_ = 0;
  double last_seconds_ = 0;
  bool restarted_ = false;
};

class VideoFeed {
 public:
  // options: stride and ahead are at least 1.
  VideoFeed(FeedHub& hub, video::VideoLibrary& library, const std::string& source, std::size_t number,
            const VideoOptions& options);
  ~VideoFeed() { join(); }
  VideoFeed(const VideoFeed&) = delete;
  VideoFeed& operator=(const VideoFeed&) = delete;

  void start() {
    thread_ = std::thread([this] { work(); });
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  // What follows is called with the hub's mutex held.
  bool opening() const { return opening_; }
  const std::optional<Error>& refused() const { return refused_; }  // why it could not be opened
  bool waits() const { return !waiting_.empty(); }                  // a frame does
  bool ended() const { return figures_.ended; }
  std::optional<std::size_t> expected() const;  // frames in all, as the file says
  std::size_t turn() const { return turn_; }    // of the last frame that was taken
  Frame take(std::size_t turn);
  void stop() noexcept;  // the hub says so
  SourceFigures figures() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    FrameInfo info;  // but for its name
    PlanarPicture picture;
  };

  // All by the feed's thread.
  void work() noexcept;
  void run();
  bool open();
  bool adopt(std::unique_ptr<video::Reader> reader);
  bool read();
  Result<bool> read_one();
  bool hand_over(Waiting frame);
  bool lose();
  void find();
  bool reopen();
  bool pause(double seconds);
  void close();
  void note(const std::string& error);
  double longest_gap() const;  // with the mutex held

  FeedHub& hub_;
  video::VideoLibrary& library_;
  const std::string source_, name_;  // as the user named it; without its password
  const std::size_t number_;
  VideoOptions options_;  // as they were at the start

  // Of the feed's thread.
  Backoff backoff_;
  std::optional<SourceClock> clock_;
  std::optional<MotionGate> gate_;
  bool live_ = false;

  // Under the hub's mutex. The thread alone sets reader_, and calls it without the mutex.
  std::condition_variable wake_;  // there is room, or it has been stopped
  std::unique_ptr<video::Reader> reader_;
  std::vector<Waiting> waiting_;
  SourceFigures figures_;
  std::size_t damaged_before_ = 0;  // by earlier readers
  Clock::time_point last_frame_;    // or when it was opened first
  bool lost_ = false;               // since last_frame_
  bool opening_ = true;
  std::optional<Error> refused_;
  std::size_t turn_ = 0;

  std::thread thread_;
};

}  // namespace saker
