// What a camera does: a thread that asks its model about the newest frame and shows what came of it, and the feed that
// brings frames while somebody watches.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "serve/stream/camera.h"
#include "serve/stream/camera_feed.h"
#include "serve/stream/frame_show.h"

namespace saker::serve {

class Camera::Work final : public FeedListener, public std::enable_shared_from_this<Camera::Work> {
 public:
  Work(const CameraOptions& options, const CameraUse& use);
  void start();
  void begin_stop();
  void join();

  const CameraOptions& options() const { return options_; }
  std::optional<Refusal> watch(const std::shared_ptr<const HttpRequest>& request,
                               const std::shared_ptr<Responder>& responder, StreamFormat format, Duration gap);
  CameraStatus status() const;

  // By the feed's thread.
  void on_open(const video::VideoInfo& info) override;
  void on_frame(CameraFrame frame) override;
  void on_lost(const std::string& why) override;

 private:
  enum class State : std::uint8_t { kClosed, kOpening, kLive, kAway };
  using Lock = std::unique_lock<std::mutex>;
  using FoundModel = Outcome<std::shared_ptr<ServedModel>>;

  struct Looked {
    CameraFrame frame;
    FrameAnswer found;
    std::shared_ptr<ServedModel> model;
    video::VideoInfo info;
  };

  void run();
  void open_or_close(Lock& lock, Time now);
  void check_model(Lock& lock, Time now);
  void ask(Lock& lock);
  void show(Lock& lock);
  Time next_look(Time now) const;
  void count_watchers() { gauges_->watchers = watchers_.size(); }
  // Where nobody has been told yet.
  void tell(State state, const std::string& why);
  void end_all(const std::string& reason);

  FoundModel find_model() const;
  std::optional<PlanarPicture> take();
  void done(const std::shared_ptr<ServedModel>& model, Outcome<FrameAnswer> outcome);

  const CameraOptions options_;
  const CameraUse use_;
  const std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);

  // Of the thread.
  std::unique_ptr<CameraFeed> feed_;
  FrameShow show_;
  Time last_watched_, next_check_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Watchers watchers_;
  State state_ = State::kClosed;
  std::string reason_;                 // of kAway
  std::string trouble_;                // of the model with the last frame; empty: none
  std::vector<std::string> log_;       // to be told
  video::VideoInfo info_;              // of the last opening
  std::optional<CameraFrame> newest_;  // that has not been looked at
  std::optional<CameraFrame> taken_;   // that is being looked at
  std::optional<Looked> looked_;       // that has been
  bool asked_ = false;                 // a job is with the scheduler
  Time not_before_, frame_due_;        // the next question; the next frame that is wanted
  bool lost_ = false;                  // frames came, and ended

  // Of the registry, and read by it: without the lock.
  struct Gauges {
    std::atomic<bool> live = false;
    std::atomic<std::size_t> watchers = 0;
  };
  const std::shared_ptr<Gauges> gauges_ = std::make_shared<Gauges>();
  Counter &read_, &detected_, &dropped_, &reconnects_, &left_out_;

  std::thread thread_;
};

}  // namespace saker::serve
