// For tests of cameras: one whose frames come when the test says so, watchers that read as they are told, and time that
// passes when somebody waits.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media/yuv.h"
#include "serve/exchange.h"
#include "serve/stream/stop_wait.h"
#include "video/video.h"

namespace saker::serve::testing {

// Each waiting takes no time, but for the clock. It remembers how long the waits were, in seconds.
class VirtualWait final : public StopWait {
 public:
  explicit VirtualWait(std::shared_ptr<std::vector<double>> waits) : waits_(std::move(waits)) {}
  Time now() const override { return now_.load(); }
  bool wait_until(Time time) override {
    if (stopped_) return false;
    const double seconds = std::chrono::duration<double>(time - now_.load()).count();
    if (seconds > 0) {
      waits_->push_back(seconds);
      now_ = time;
    }
    return true;
  }
  void stop() override { stopped_ = true; }

 private:
  std::shared_ptr<std::vector<double>> waits_;
  std::atomic<Time> now_ = Time(std::chrono::hours(1));
};

// Live: the same picture again and again, each when it was given. All of it thread-safe.
class GivenCamera final : public video::VideoLibrary {
 public:
  explicit GivenCamera(const Image& picture) {
    from_rgb(picture.view(), picture_);
    info_.format = "given";
    info_.width = picture.width, info_.height = picture.height;
    info_.live = true;
    info_.time_base = {1, 1000};
    info_.frame_rate = {25, 1};
  }

  void give(int frames) {
    const std::lock_guard lock(mutex_);
    permits_ += frames;
    changed_.notify_all();
  }
  // The next frame is an error, and so are so many openings after it.
  void lose(int openings) {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    refused_ = openings;
    changed_.notify_all();
  }
  int openings() const { return openings_; }
  int readers() const { return readers_; }  // alive
  int frames() const { return frames_; }    // kept by somebody

  std::string version() const override { return "given"; }
  Result<std::unique_ptr<video::Reader>> open(const std::string& source, const video::ReadOptions&) override {
    const std::lock_guard lock(mutex_);
    ++openings_;
    if (refused_ > 0) {
      --refused_;
      return Error{ErrorCode::kIo, source + ": it does not answer"};
    }
    return std::unique_ptr<video::Reader>(std::make_unique<Player>(*this, source));
  }
  Result<std::unique_ptr<video::Writer>> create(const std::string&, const video::WriteOptions&) override {
    return Error{ErrorCode::kUnsupported, "not given"};
  }
  Result<std::unique_ptr<video::Writer>> show(const std::string&, const video::WriteOptions&) override {
    return Error{ErrorCode::kUnsupported, "not given"};
  }

 private:
  class Player final : public video::Reader {
   public:
    Player(GivenCamera& camera, std::string source) : camera_(camera), source_(std::move(source)) {
      ++camera_.readers_;
    }
    ~Player() override { --camera_.readers_; }
    const video::VideoInfo& info() const override { return camera_.info_; }
    std::size_t damaged() const override { return 0; }
    Result<std::optional<video::VideoFrame>> next() override {
      std::unique_lock lock(camera_.mutex_);
      camera_.changed_.wait(lock, [&] { return interrupted_ || camera_.lost_ || camera_.permits_ > 0; });
      if (interrupted_) return Error{ErrorCode::kIo, source_ + ": interrupted"};
      if (std::exchange(camera_.lost_, false)) return Error{ErrorCode::kIo, source_ + ": it has gone"};
      --camera_.permits_;
      video::VideoFrame frame;
      frame.planes = camera_.picture_.view();
      ++camera_.frames_;
      frame.owner = std::shared_ptr<const void>(&camera_, [](const GivenCamera* camera) { --camera->frames_; });
      frame.pts = 40 * count_;
      frame.seconds = 0.04 * static_cast<double>(count_++);
      frame.received = std::chrono::steady_clock::now();
      return std::optional(frame);
    }
    void interrupt() noexcept override {
      const std::lock_guard lock(camera_.mutex_);
      interrupted_ = true;
      camera_.changed_.notify_all();
    }

   private:
    GivenCamera& camera_;
    const std::string source_;
    std::int64_t count_ = 0;
    bool interrupted_ = false;
  };

  I420Image picture_;
  video::VideoInfo info_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int permits_ = 0, refused_ = 0;
  bool lost_ = false;
  std::atomic<int> openings_{0}, readers_{0};
  mutable std::atomic<int> frames_{0};
};

// A watcher at the other end of an answer.
class Onlooker final : public Responder {
 public:
  void send(HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    head_ = std::move(response);
    ended_ = true;
    changed_.notify_all();
  }
  void begin(HttpResponse head) override {
    const std::lock_guard lock(mutex_);
    text_ = std::exchange(head.body, {});
    head_ = std::move(head);
    changed_.notify_all();
  }
  bool write(std::string piece) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(ended_);
    text_ += piece;
    ++pieces_;
    changed_.notify_all();
    return true;
  }
  bool offer(const std::shared_ptr<const std::string>& piece, std::size_t /*most_waiting*/) override {
    return reads_ && write(*piece);
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(ended_);
    ended_ = true;
    changed_.notify_all();
  }

  void read(bool yes) { reads_ = yes; }
  const std::shared_ptr<HttpRequest>& request() const { return request_; }
  void leave() { *gone_ = true; }
  // A test that waits in vain ends by ctest's time limit.
  std::string wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return text_.find(text) != std::string::npos; });
    return text_;
  }
  std::string wait_pieces(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return pieces_ >= count; });
    return text_;
  }
  std::string wait_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
    return text_;
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  std::size_t pieces() const {
    const std::lock_guard lock(mutex_);
    return pieces_;
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  HttpResponse head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  HttpResponse head_;
  std::string text_;
  std::size_t pieces_ = 0;
  bool ended_ = false;
  std::atomic<bool> reads_ = true;
  std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<HttpRequest> request_ = [this] {
    auto request = std::make_shared<HttpRequest>();
    request->method = "GET";
    request->target = "/v1/stream";
    request->gone = gone_;
    return request;
  }();
};

// The data of the n-th event that is a frame.
inline std::string frame_data(const std::string& text, std::size_t n = 0) {
  std::size_t at = 0;
  for (std::size_t i = 0; (at = text.find("id: ", at)) != std::string::npos; ++i, ++at) {
    if (i < n) continue;
    const std::size_t begin = text.find("data: ", at) + 6;
    return text.substr(begin, text.find("\n\n", begin) - begin);
  }
  return "";
}

}  // namespace saker::serve::testing
