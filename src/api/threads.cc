#include "api/threads.h"

#include <fmt/format.h>

#include <system_error>

#include "api/guarded.h"
#include "base/usable_cpus.h"

namespace saker {

struct Threads::State {
  explicit State(int count) : pool(count) {}
  ThreadPool pool;
};

Result<Threads> Threads::create(int count) {
  constexpr int kMost = 1024;
  if (count < 0 || count > kMost)
    return Error{ErrorCode::kInvalid, fmt::format("{} threads: 1 to {} are possible, 0 takes every CPU", count, kMost)};
  const int threads = count > 0 ? count : usable_cpus();
  return guarded("threads", [&]() -> Result<Threads> {
    try {
      return Threads(std::make_shared<State>(threads));
    } catch (const std::system_error& e) {
      return Error{ErrorCode::kLimit, fmt::format("the system has no {} threads: {}", threads, e.what())};
    }
  });
}

int Threads::count() const {
  return state_->pool.threads();
}

std::shared_ptr<ThreadPool> pool_of(const Threads& threads) {
  return {threads.state(), &threads.state()->pool};
}

}  // namespace saker
