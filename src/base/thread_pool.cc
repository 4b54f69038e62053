#include "base/thread_pool.h"

#include <algorithm>
#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace saker {
namespace {

// How long a worker waits awake for the next loop. Serial stretches between layers are below 50 us.
constexpr auto kSpin = std::chrono::microseconds(200);

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Waits for `done`: awake at first, then giving the CPU to whoever else wants it (other programs, or
// our own workers when there are fewer CPUs than threads).
template <typename Done>
void wait_for(Done&& done) {
  for (int i = 0; i < 1000; ++i) {  // about 20 us
    if (done()) return;
    relax();
  }
  while (!done()) std::this_thread::yield();
}

}  // namespace

ThreadPool::ThreadPool(int threads) : shares_(static_cast<std::size_t>(std::max(threads, 1))) {
  try {
    for (int i = 1; i < std::max(threads, 1); ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (...) {  // std::system_error: the system has no more threads
    join();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  join();
}

void ThreadPool::join() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::drain(int thread) {
  const std::size_t own = static_cast<std::size_t>(thread);
  for (std::size_t k = 0; k < shares_.size(); ++k) {
    Share& share = shares_[(own + k) % shares_.size()];
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      const std::int64_t i = share.next.fetch_add(1, std::memory_order_relaxed);
      if (i < share.end) (*body_)(i, thread);
    }
  }
}

void ThreadPool::run(std::int64_t count, const std::function<void(std::int64_t, int)>& body) {
  if (workers_.empty() || count <= 1) {
    for (std::int64_t i = 0; i < count; ++i) body(i, 0);
    return;
  }
  body_ = &body;
  for (std::int64_t t = 0; t < threads(); ++t) {
    Share& share = shares_[static_cast<std::size_t>(t)];
    share.next.store(t * count / threads(), std::memory_order_relaxed);
    share.end = (t + 1) * count / threads();
  }
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  {
    // The lock orders the epoch against a worker that is about to sleep.
    const std::lock_guard lock(mutex_);
    epoch_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  drain(0);
  wait_for([&] { return busy_.load(std::memory_order_acquire) == 0; });
}

void ThreadPool::work(int thread) {
  std::uint64_t seen = 0;
  for (;;) {
    const auto give_up = std::chrono::steady_clock::now() + kSpin;
    while (epoch_.load(std::memory_order_acquire) == seen && !stop_.load(std::memory_order_relaxed)) {
      for (int i = 0; i < 64 && epoch_.load(std::memory_order_relaxed) == seen; ++i) relax();
      if (std::chrono::steady_clock::now() < give_up) {
        std::this_thread::yield();
        continue;
      }
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || epoch_ != seen; });
    }
    if (stop_) return;
    seen = epoch_.load(std::memory_order_acquire);
    drain(thread);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace saker
