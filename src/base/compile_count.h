// How many models this process has compiled: for tests of what should happen once.
#pragma once

#include <atomic>
#include <cstdint>

namespace saker {

std::atomic<std::int64_t>& compile_count();

}  // namespace saker
