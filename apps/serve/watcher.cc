#include "watcher.h"

#include <chrono>

namespace saker::cli {
namespace {

// A changed file is loaded when two looks in a row have seen it the same: so long after the first, when there are no
// others.
constexpr auto kSecondLook = std::chrono::milliseconds(500);

}  // namespace

Watcher::Watcher(serve::Repository& repository, serve::Log& log, double interval_s)
    : repository_(repository), log_(log), thread_([this, interval_s] { run(interval_s); }) {}

Watcher::~Watcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watcher::look() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  changed_.notify_one();
}

void Watcher::run(double interval_s) {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto woken = [this] { return asked_ || stop_; };
    if (interval_s > 0) {
      changed_.wait_for(lock, std::chrono::duration<double>(interval_s), woken);
    } else {
      changed_.wait(lock, woken);
    }
    if (stop_) return;
    const bool again = asked_;
    asked_ = false;
    lock.unlock();
    look_once();
    lock.lock();
    if (!again) continue;
    changed_.wait_for(lock, kSecondLook, [this] { return stop_; });
    if (stop_) return;
    lock.unlock();
    look_once();
    log_.info("looked for changed models");
    lock.lock();
  }
}

void Watcher::look_once() {
  for (const std::string& line : repository_.poll()) log_.info(line);
}

}  // namespace saker::cli
