// Time for a thread that waits now and then, and an end to its waiting. Tests have one with a clock of their own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "serve/job.h"

namespace saker::serve {

class StopWait {
 public:
  virtual ~StopWait() = default;
  virtual Time now() const = 0;
  // Until then; false: it was stopped, before or meanwhile.
  virtual bool wait_until(Time time) = 0;
  // From any thread: nothing is waited for any more.
  virtual void stop() = 0;

  const std::atomic<bool>& stopped() const { return stopped_; }

 protected:
  std::atomic<bool> stopped_ = false;
};

class SteadyWait final : public StopWait {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  bool wait_until(Time time) override {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, time, [&] { return stopped_.load(); });
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace saker::serve
