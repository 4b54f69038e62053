// Videos and cameras that are made up: each opening of a source plays a script.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "video/video.h"

namespace saker::test {

// A script is a letter for each call of next(), and the video ends behind it:
//   f  a frame as the one before; the first is dark
//   m  a frame as dark as the one before was bright
//   d  like f, with something damaged before it
//   e  an error
//   x  std::bad_alloc is thrown
//   w  nothing comes until go() was called, then what stands behind it
//   h  nothing comes until the reader is interrupted
// The script "!why" cannot be opened, and "?" is being opened until ReadOptions::stopped is true. Frames are 16x8;
// there are 25 a second.
class FakeVideos final : public video::VideoLibrary {
 public:
  // One script for each opening; opened more often than that, a source is gone.
  void add(const std::string& source, bool live, std::vector<std::string> scripts) {
    Source& added = sources_[source];
    added.scripts = std::move(scripts);
    added.info.format = "fake";
    added.info.live = live;
    added.info.time_base = {1, kTicks};
    added.info.frame_rate = {25, 1};
  }
  video::VideoInfo& info(const std::string& source) { return sources_.at(source).info; }

  void go() {
    const std::lock_guard lock(mutex_);
    go_ = true;
    changed_.notify_all();
  }

  std::size_t openings(const std::string& source) const {
    const std::lock_guard lock(mutex_);
    return sources_.at(source).opened;
  }
  int readers() const { return readers_; }  // alive
  int frames() const { return frames_; }    // whose samples are kept by somebody

  static constexpr std::int64_t kTicks = 12800;

  std::string version() const override { return "fake"; }
  Result<std::unique_ptr<video::Reader>> open(const std::string& source, const video::ReadOptions& options) override {
    std::unique_lock lock(mutex_);
    Source& opened = sources_.at(source);
    const std::size_t count = opened.opened++;
    const std::string script = count < opened.scripts.size() ? opened.scripts[count] : "!gone";
    if (script == "?") {
      lock.unlock();
      while (!*options.stopped) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return Error{ErrorCode::kIo, source + ": stopped"};
    }
    if (script.starts_with('!')) return Error{ErrorCode::kIo, source + ": " + script.substr(1)};
    return std::unique_ptr<video::Reader>(std::make_unique<Player>(*this, source, opened.info, script));
  }
  Result<std::unique_ptr<video::Writer>> create(const std::string&, const video::WriteOptions&) override {
    return Error{ErrorCode::kUnsupported, "not made up"};
  }
  Result<std::unique_ptr<video::Writer>> show(const std::string&, const video::WriteOptions&) override {
    return Error{ErrorCode::kUnsupported, "not made up"};
  }

 private:
  struct Source {
    std::vector<std::string> scripts;
    video::VideoInfo info;
    std::size_t opened = 0;
  };

  class Player final : public video::Reader {
   public:
    Player(FakeVideos& videos, std::string source, const video::VideoInfo& info, std::string script)
        : videos_(videos), source_(std::move(source)), info_(info), script_(std::move(script)) {
      ++videos_.readers_;
    }
    ~Player() override { --videos_.readers_; }

    const video::VideoInfo& info() const override { return info_; }
    std::size_t damaged() const override { return damaged_; }

    Result<std::optional<video::VideoFrame>> next() override {
      if (at_ == script_.size()) return std::optional<video::VideoFrame>();
      switch (script_[at_++]) {
        case 'e':
          return Error{ErrorCode::kIo, source_ + ": it has gone"};
        case 'x':
          throw std::bad_alloc();
        case 'w':
          wait(true);
          return next();
        case 'h':
          wait(false);
          return Error{ErrorCode::kIo, source_ + ": interrupted"};
        case 'm':
          grey_ = static_cast<std::uint8_t>(255 - grey_);
          break;
        case 'd':
          ++damaged_;
          break;
        default:
          break;
      }
      return std::optional(frame());
    }

    void interrupt() noexcept override {
      const std::lock_guard lock(videos_.mutex_);
      interrupted_ = true;
      videos_.changed_.notify_all();
    }

   private:
    static constexpr int kWidth = 16, kHeight = 8;

    void wait(bool for_go) {
      std::unique_lock lock(videos_.mutex_);
      videos_.changed_.wait(lock, [&] { return interrupted_ || (for_go && videos_.go_); });
    }

    video::VideoFrame frame() {
      const int number = count_++;
      ++videos_.frames_;
      const auto samples = std::shared_ptr<std::vector<std::uint8_t>>(
          new std::vector<std::uint8_t>(std::size_t{kWidth} * kHeight, grey_),
          [&alive = videos_.frames_](std::vector<std::uint8_t>* gone) {
            delete gone;
            --alive;
          });
      video::VideoFrame frame;
      frame.planes.width = kWidth;
      frame.planes.height = kHeight;
      frame.planes.data[0] = samples->data();
      frame.planes.stride_bytes[0] = kWidth;
      frame.owner = samples;
      frame.pts = number * (kTicks / 25);
      frame.seconds = number / 25.0;
      frame.received = std::chrono::steady_clock::now();
      return frame;
    }

    FakeVideos& videos_;
    std::string source_;
    video::VideoInfo info_;
    std::string script_;
    std::size_t at_ = 0, damaged_ = 0;
    int count_ = 0;
    std::uint8_t grey_ = 50;
    bool interrupted_ = false;  // under the library's mutex
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool go_ = false;
  std::map<std::string, Source> sources_;
  std::atomic<int> readers_{0}, frames_{0};
};

}  // namespace saker::test
