#include "eval/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <system_error>

#include "base/cpu.h"
#include "base/thread_pool.h"

namespace saker {
namespace {

std::unique_ptr<ThreadPool> make_pool(int threads) {
  try {
    return std::make_unique<ThreadPool>(threads);
  } catch (const std::system_error&) {
    return std::make_unique<ThreadPool>(1);
  }
}

}  // namespace

int loop_threads(int wanted, std::int64_t count) {
  const std::int64_t threads = wanted > 0 ? wanted : usable_cpus();
  return static_cast<int>(std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(count, 1)));
}

void parallel_for(int threads, std::int64_t count, const std::function<void(std::int64_t, int)>& body) {
  std::atomic<bool> failed{false};
  std::exception_ptr problem;  // the first; written by the thread that set `failed`
  make_pool(loop_threads(threads, count))->run(count, [&](std::int64_t i, int thread) {
    if (failed.load(std::memory_order_relaxed)) return;
    try {
      body(i, thread);
    } catch (...) {
      if (!failed.exchange(true)) problem = std::current_exception();
    }
  });
  if (problem) std::rethrow_exception(problem);
}

}  // namespace saker
