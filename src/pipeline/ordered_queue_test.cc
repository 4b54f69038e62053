#include "pipeline/ordered_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace saker {
namespace {

TEST(OrderedQueue, GivesItemsInTheOrderOfTheirPlaces) {
  OrderedQueue<int> queue(4);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.reserve());
  queue.put(2, 20);
  queue.put(0, 0);
  queue.put(1, 10);
  queue.end_at(3);
  for (const int expected : {0, 10, 20}) EXPECT_EQ(queue.take(), expected);
  EXPECT_EQ(queue.take(), std::nullopt);
}

TEST(OrderedQueue, NobodyRunsFurtherAheadThanItsCapacity) {
  OrderedQueue<int> queue(2);
  ASSERT_EQ(queue.reserve(), 0U);
  ASSERT_EQ(queue.reserve(), 1U);
  std::atomic<bool> reserved{false};
  std::thread producer([&] {
    EXPECT_EQ(queue.reserve(), 2U);
    reserved = true;
  });
  queue.put(1, 1);  // finished early: still no room, as place 0 has not been taken
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(reserved);
  queue.put(0, 0);
  EXPECT_EQ(queue.take(), 0);
  producer.join();
  EXPECT_TRUE(reserved);
}

TEST(OrderedQueue, ClosingEndsTheWaitForRoom) {
  OrderedQueue<int> queue(1);
  ASSERT_TRUE(queue.reserve());
  std::thread producer([&] { EXPECT_EQ(queue.reserve(), std::nullopt); });
  queue.close();
  producer.join();
}

TEST(OrderedQueue, AFailureReachesTheConsumerThatWaits) {
  OrderedQueue<int> queue(1);
  std::thread producer([&] { queue.fail(std::make_exception_ptr(std::runtime_error("no more"))); });
  EXPECT_THROW(queue.take(), std::runtime_error);
  producer.join();
}

}  // namespace
}  // namespace saker
