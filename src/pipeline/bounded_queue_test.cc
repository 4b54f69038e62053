#include "pipeline/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

namespace saker {
namespace {

TEST(BoundedQueue, GivesAllInOrderAndEnds) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  std::thread producer([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(queue.put(std::make_unique<int>(i)));
    queue.end();
  });
  for (int i = 0; i < 1000; ++i) {
    const auto item = queue.take();
    ASSERT_TRUE(item);
    EXPECT_EQ(**item, i);
  }
  EXPECT_FALSE(queue.take());
  producer.join();
}

TEST(BoundedQueue, TheProducerIsNeverFurtherAheadThanItsCapacity) {
  BoundedQueue<int> queue(3);
  std::atomic<int> put{0};
  std::thread producer([&] {
    while (queue.put(put)) ++put;
  });
  for (int taken = 1; taken <= 100; ++taken) {
    ASSERT_TRUE(queue.take());
    EXPECT_LE(put, taken + 3);
  }
  queue.close();
  producer.join();
}

TEST(BoundedQueue, ClosingEndsTheWaitForRoomAndFailuresReachTheConsumer) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.put(0));
  std::thread producer([&] { EXPECT_FALSE(queue.put(1)); });
  queue.close();
  producer.join();
  queue.fail(std::make_exception_ptr(std::runtime_error("no more")));
  EXPECT_THROW(queue.take(), std::runtime_error);
}

TEST(BoundedQueue, EndsWithoutAnItemToo) {
  BoundedQueue<int> queue(1);
  queue.end();
  EXPECT_FALSE(queue.take());
}

}  // namespace
}  // namespace saker
