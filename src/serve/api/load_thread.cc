#include "serve/api/load_thread.h"

#include <utility>

namespace saker::serve {

LoadThread::LoadThread() : thread_([this] { run(); }) {}

LoadThread::~LoadThread() {
  stop();
}

bool LoadThread::add(Task task) {
  const std::lock_guard lock(mutex_);
  if (stop_ || waiting_.size() >= kMostWaiting) return false;
  waiting_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void LoadThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void LoadThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    const bool stopped = stop_;
    lock.unlock();
    task(stopped);
    lock.lock();
  }
}

}  // namespace saker::serve
