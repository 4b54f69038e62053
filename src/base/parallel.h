// One loop over all threads, for work that is done once and takes milliseconds.
#pragma once

#include <cstdint>
#include <functional>

namespace saker {

int loop_threads(int wanted, std::int64_t count);  // 0 wanted: all CPUs; never more than iterations, at least 1

// Calls body(i, thread) for every i in [0, count), thread in [0, loop_threads(threads, count)). With fewer threads
// where the system has no more. What a body throws (no memory) leaves here once all have ended.
void parallel_for(int threads, std::int64_t count, const std::function<void(std::int64_t, int)>& body);

}  // namespace saker
