// A bounded queue between several producers that finish in any order and one consumer that takes in order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace saker {

// Items have places 0, 1, 2, ... A place is reserved before work on its item begins, and only `capacity` places are
// ahead of the consumer: when one item takes long, producers wait before they begin another, and nobody waits with a
// finished one. Whoever holds the place that the consumer waits for never waits itself.
template <typename T>
class OrderedQueue {
 public:
  explicit OrderedQueue(std::size_t capacity) : items_(std::max<std::size_t>(capacity, 1)) {}

  // The next place. Waits for room; nothing once the queue is closed.
  std::optional<std::size_t> reserve() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return closed_ || reserved_ < taken_ + items_.size(); });
    if (closed_) return std::nullopt;
    return reserved_++;
  }

  // The item of a reserved place; does not wait.
  void put(std::size_t place, T item) {
    const std::lock_guard lock(mutex_);
    items_[place % items_.size()] = std::move(item);
    if (place == taken_) ready_.notify_one();
  }

  // No item comes in this place, nor after it: take() ends there.
  void end_at(std::size_t place) {
    const std::lock_guard lock(mutex_);
    end_ = std::min(end_.value_or(place), place);
    ready_.notify_one();
  }

  // Nothing more comes at all: take() throws this.
  void fail(std::exception_ptr problem) noexcept {
    const std::lock_guard lock(mutex_);
    if (!problem_) problem_ = std::move(problem);
    ready_.notify_one();
  }

  // The next item in order; nothing after the last.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    std::optional<T>& item = items_[taken_ % items_.size()];
    ready_.wait(lock, [&] { return problem_ || item || end_ == taken_; });
    if (problem_) std::rethrow_exception(problem_);
    if (!item) return std::nullopt;
    ++taken_;
    room_.notify_one();
    return std::exchange(item, std::nullopt);
  }

  // Nobody takes any more: producers end with the items that they are at.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<std::optional<T>> items_;  // of place p at p % size
  std::size_t reserved_ = 0, taken_ = 0;
  std::optional<std::size_t> end_;
  std::exception_ptr problem_;
  bool closed_ = false;
};

}  // namespace saker
