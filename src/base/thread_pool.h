// Thread pool: one parallel loop at a time, run by the caller and a fixed set of workers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace saker {

// Workers spin for a short while after a loop, so that the next layer's loop finds them awake, then
// sleep. Iterations are handed out one by one from a shared counter: make them coarse enough
// (>= 10 us) to hide that, and many enough (>= 4 a thread) to balance.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);  // the caller counts as one; throws std::system_error
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(i, thread) for every i in [0, count), thread in [0, threads()), and returns when all are done.
  void run(std::int64_t count, const std::function<void(std::int64_t, int)>& body);

 private:
  void join();
  void work(int thread);
  void drain(int thread);

  std::vector<std::thread> workers_;
  const std::function<void(std::int64_t, int)>* body_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::atomic<std::uint64_t> epoch_{0};  // increases by one for each loop
  std::atomic<int> busy_{0};             // workers that have not finished the current loop
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace saker
