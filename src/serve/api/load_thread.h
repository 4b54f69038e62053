// Loading and unloading of models, which takes seconds, off the threads that answer requests: one after the other, on a
// thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace saker::serve {

// Thread-safe.
class LoadThread {
 public:
  using Task = std::function<void(bool stopped)>;  // stopped: the server is going, it is to say so and do nothing

  LoadThread();
  ~LoadThread();  // as stop()
  LoadThread(const LoadThread&) = delete;
  LoadThread& operator=(const LoadThread&) = delete;

  // False: so many wait that it takes no more, or it was stopped.
  bool add(Task task);
  // After the one that runs; those that wait are called with `stopped`.
  void stop();

  static constexpr std::size_t kMostWaiting = 16;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace saker::serve
