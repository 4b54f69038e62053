#include "base/parallel.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include "base/thread_pool.h"
#include "base/usable_cpus.h"

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
  make_pool(loop_threads(threads, count))->run(count, body);
}

}  // namespace saker
