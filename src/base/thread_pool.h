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
// sleep. Every thread starts on a share of its own, neighbouring iterations, and helps the others when it is done:
// layer after layer the same thread works on the same part of the picture, whose data its caches still hold. Make
// iterations coarse enough (>= 5 us) to hide the handing out, and many enough (>= 4 a thread) to balance.
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

  // Iterations [next, end) of one thread's share; each on a cache line of its own.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  std::vector<std::thread> workers_;
  std::vector<Share> shares_;  // one per thread
  const std::function<void(std::int64_t, int)>* body_ = nullptr;
  std::atomic<std::uint64_t> epoch_{0};  // increases by one for each loop
  std::atomic<int> busy_{0};             // workers that have not finished the current loop
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace saker
