// A bounded queue from one thread to another.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "pipeline/ordered_queue.h"

namespace saker {

// An OrderedQueue whose places are taken and filled by one producer.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : queue_(capacity) {}

  // Waits for room. False: the queue is closed, and the item is gone.
  bool put(T item) {
    const auto place = queue_.reserve();
    if (!place) return false;
    queue_.put(*place, std::move(item));
    next_ = *place + 1;
    return true;
  }
  // By the producer: nothing more comes. What waits can still be taken.
  void end() { queue_.end_at(next_); }
  // Nothing more comes at all, and what waits is not wanted: take() throws this.
  void fail(std::exception_ptr problem) noexcept { queue_.fail(std::move(problem)); }

  // Waits for an item; nothing after the last.
  std::optional<T> take() { return queue_.take(); }
  // By the consumer: it takes no more, and put() does not wait any longer.
  void close() noexcept { queue_.close(); }

 private:
  OrderedQueue<T> queue_;
  std::size_t next_ = 0;
};

}  // namespace saker
