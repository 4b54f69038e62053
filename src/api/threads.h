// What <saker/threads.h> is made of.
#pragma once

#include <saker/threads.h>

#include "base/thread_pool.h"

namespace saker {

std::shared_ptr<ThreadPool> pool_of(const Threads& threads);

}  // namespace saker
