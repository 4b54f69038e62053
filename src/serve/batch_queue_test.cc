#include "serve/batch_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/serve_testing.h"

namespace saker::serve {
namespace {

using std::chrono::milliseconds;
using testing::id_of;
using testing::numbered;
using Ids = std::vector<int>;

Time at(int ms) {
  return Time{} + std::chrono::hours(1) + milliseconds(ms);
}

// A queue with a time that the test sets, and no idle workers but the one that asks unless it says so.
class BatchQueueTest : public ::testing::Test {
 protected:
  void push(LaneId lane, int id, const JobOptions& options = {}) {
    queue.push(lane, numbered(id, options), now, dropped);
  }
  Ids take(int other_idle = 0) {
    last = queue.take(now, other_idle, dropped);
    Ids ids;
    if (last) {
      for (const auto& job : last->jobs) ids.push_back(id_of(*job));
    }
    return ids;
  }
  // Takes and is done with it, so many milliseconds later for all that counts.
  Ids run(int ms) {
    Ids ids = take();
    if (last) queue.finished(*last, milliseconds(ms));
    return ids;
  }
  Ids dropped_for(Dropped why) const {
    Ids ids;
    for (const DroppedJob& each : dropped) {
      if (each.why == why) ids.push_back(id_of(*each.job));
    }
    return ids;
  }
  LaneId lane(int max_batch, double weight = 1) {
    LaneOptions options;
    options.max_batch = max_batch;
    options.weight = weight;
    return queue.add_lane(options);
  }

  BatchQueue queue;
  Time now = at(0);
  std::vector<DroppedJob> dropped;
  std::optional<Batch> last;
};

TEST_F(BatchQueueTest, GivesJobsInOrderOfArrivalAsManyAsABatchHolds) {
  const LaneId a = lane(3);
  EXPECT_EQ(take(), Ids{});
  for (int i = 1; i <= 5; ++i) push(a, i);
  EXPECT_EQ(queue.waiting(a), 5u);
  EXPECT_EQ(take(), (Ids{1, 2, 3}));
  EXPECT_EQ(last->pictures, 3);
  EXPECT_EQ(last->lane, a);
  EXPECT_EQ(take(), (Ids{4, 5}));
  EXPECT_EQ(take(), Ids{});
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_TRUE(dropped.empty());
}

TEST_F(BatchQueueTest, JobsOfSeveralPicturesAreNotOvertaken) {
  const LaneId a = lane(4);
  push(a, 1, {.pictures = 3});
  push(a, 2, {.pictures = 2});
  push(a, 3);
  push(a, 4, {.pictures = 9});  // more than a batch: alone
  push(a, 5);
  EXPECT_EQ(take(), Ids{1});
  EXPECT_EQ(take(), (Ids{2, 3}));
  EXPECT_EQ(take(), Ids{4});
  EXPECT_EQ(last->pictures, 9);
  EXPECT_EQ(take(), Ids{5});
}

TEST_F(BatchQueueTest, UrgentJobsGoFirstOverAllLanes) {
  const LaneId a = lane(1), b = lane(1);
  push(a, 1, {.priority = 5});
  push(a, 2, {.priority = 1});
  push(b, 3, {.priority = 0});
  push(b, 4, {.priority = 9});
  push(a, 5, {.priority = 1});
  Ids order;
  for (Ids ids = take(); !ids.empty(); ids = take()) order.insert(order.end(), ids.begin(), ids.end());
  EXPECT_EQ(order, (Ids{3, 2, 5, 1, 4}));
}

TEST_F(BatchQueueTest, ABatchIsFilledWithLessUrgentJobsOnlyIfNoOtherLaneHasMoreUrgentOnes) {
  const LaneId a = lane(4), b = lane(1);
  push(a, 1, {.priority = 3});
  push(a, 2, {.priority = 0});
  push(a, 3, {.priority = 7});
  push(b, 4, {.priority = 3});
  EXPECT_EQ(take(), (Ids{2, 1}));  // 3 would overtake 4
  EXPECT_EQ(last->priority, 0);
  EXPECT_EQ(take(), Ids{4});
  EXPECT_EQ(take(), Ids{3});
}

TEST_F(BatchQueueTest, PrioritiesOutOfRangeAreTheNearest) {
  const LaneId a = lane(1);
  push(a, 1, {.priority = 100});
  push(a, 2, {.priority = -3});
  EXPECT_EQ(take(), Ids{2});
  EXPECT_EQ(take(), Ids{1});
}

TEST_F(BatchQueueTest, LanesShareTheTimeAndNotTheTurns) {
  const LaneId slow = lane(1), fast = lane(1);
  for (int i = 0; i < 200; ++i) push(slow, 1), push(fast, 2);  // max_queue is 64: some are dropped
  dropped.clear();
  int slow_ms = 0, fast_ms = 0;
  for (int i = 0; i < 60; ++i) {
    const bool is_slow = queue.waiting(slow) > 0 && [&] {
      const Ids ids = take();
      queue.finished(*last, milliseconds(ids[0] == 1 ? 50 : 10));
      return ids[0] == 1;
    }();
    (is_slow ? slow_ms : fast_ms) += is_slow ? 50 : 10;
  }
  EXPECT_NEAR(slow_ms, fast_ms, 60);
}

TEST_F(BatchQueueTest, WeightsDivideTheTime) {
  const LaneId light = lane(1, 1), heavy = lane(1, 3);
  for (int i = 0; i < 60; ++i) push(light, 1), push(heavy, 2);
  int light_runs = 0;
  for (int i = 0; i < 60; ++i) light_runs += run(10) == Ids{1} ? 1 : 0;
  EXPECT_NEAR(light_runs, 15, 1);
}

TEST_F(BatchQueueTest, ALaneThatWasIdleGetsNoArrears) {
  const LaneId a = lane(1), b = lane(1);
  for (int i = 0; i < 1000; ++i) {
    push(a, 1);
    EXPECT_EQ(run(10), Ids{1});
  }
  for (int i = 0; i < 20; ++i) push(a, 1), push(b, 2);
  int of_b = 0;
  for (int i = 0; i < 20; ++i) of_b += run(10) == Ids{2} ? 1 : 0;
  EXPECT_NEAR(of_b, 10, 1);
}

TEST_F(BatchQueueTest, UrgentWorkIsNoDebtOfOrdinaryWork) {
  const LaneId a = lane(1), b = lane(1);
  for (int i = 0; i < 40; ++i) push(b, 2);
  for (int i = 0; i < 100; ++i) {
    push(a, 1, {.priority = 0});
    EXPECT_EQ(run(10), Ids{1});
  }
  for (int i = 0; i < 10; ++i) push(a, 3);
  int of_a = 0;
  for (int i = 0; i < 20; ++i) of_a += run(10) == Ids{3} ? 1 : 0;
  EXPECT_NEAR(of_a, 10, 1);
}

TEST_F(BatchQueueTest, WorkersThatStartTogetherTakeDifferentLanes) {
  const LaneId a = lane(1), b = lane(1);
  for (int i = 0; i < 3; ++i) push(a, 1), push(b, 2);
  EXPECT_EQ(take(), Ids{1});
  EXPECT_EQ(take(), Ids{2});  // although neither has been charged anything yet
  EXPECT_EQ(take(), Ids{1});
}

TEST_F(BatchQueueTest, TheLastIdleWorkerHoldsAnIncompleteBatchBack) {
  LaneOptions options;
  options.max_batch = 3;
  options.max_delay = milliseconds(10);
  const LaneId a = queue.add_lane(options);
  push(a, 1);
  now = at(4);
  push(a, 2);
  EXPECT_EQ(take(), Ids{});
  EXPECT_EQ(queue.next_take(), at(10));  // the older one's
  now = at(9);
  EXPECT_EQ(take(), Ids{});
  now = at(10);
  EXPECT_EQ(take(), (Ids{1, 2}));
  EXPECT_EQ(queue.next_take(), std::nullopt);

  push(a, 3);
  EXPECT_EQ(take(1), Ids{3});  // another one is idle
  push(a, 4);
  push(a, 5);
  EXPECT_EQ(take(), Ids{});
  push(a, 6);
  EXPECT_EQ(take(), (Ids{4, 5, 6}));  // full
  push(a, 7, {.pictures = 2});
  push(a, 8, {.pictures = 2});
  EXPECT_EQ(take(), Ids{7});  // cannot get fuller
}

TEST_F(BatchQueueTest, NothingIsHeldBackWhileThereIsLessUrgentWork) {
  LaneOptions options;
  options.max_batch = 3;
  options.max_delay = milliseconds(10);
  const LaneId a = queue.add_lane(options), b = queue.add_lane(options);
  const LaneId ready = lane(1);
  push(a, 1);
  push(b, 2, {.priority = 5});
  EXPECT_EQ(take(), Ids{1});
  EXPECT_EQ(take(), Ids{});
  EXPECT_EQ(queue.next_take(), at(10));
  push(ready, 3, {.priority = 5});  // of the same priority: b can wait on
  EXPECT_EQ(take(), Ids{3});
  EXPECT_EQ(take(), Ids{});
}

TEST_F(BatchQueueTest, AFullLaneDropsWhatComesLast) {
  LaneOptions options;
  options.max_queue = 3;
  const LaneId a = queue.add_lane(options), other = lane(1);
  push(a, 1);
  push(a, 2, {.pictures = 2});
  push(a, 3);
  EXPECT_EQ(dropped_for(Dropped::kFull), Ids{3});
  push(other, 4);
  EXPECT_EQ(queue.waiting(), 4u);
  EXPECT_EQ(take(), Ids{1});
  push(a, 5);
  EXPECT_EQ(dropped_for(Dropped::kFull), Ids{3});
}

TEST_F(BatchQueueTest, AFullLaneMakesRoomForUrgentJobs) {
  LaneOptions options;
  options.max_queue = 4;
  const LaneId a = queue.add_lane(options);
  push(a, 1, {.priority = 5});
  push(a, 2, {.priority = 5});
  push(a, 3, {.priority = 7});
  push(a, 4, {.priority = 2});
  push(a, 5, {.priority = 2, .pictures = 2});  // in place of 3 and 2: the least urgent first, then the latest
  EXPECT_EQ(dropped_for(Dropped::kFull), (Ids{3, 2}));
  push(a, 6, {.priority = 2, .pictures = 2});  // there is but 1 less urgent picture
  EXPECT_EQ(dropped_for(Dropped::kFull), (Ids{3, 2, 6}));
  EXPECT_EQ(queue.waiting(a), 4u);
}

TEST_F(BatchQueueTest, AnEmptyLaneTakesAnyJob) {
  LaneOptions options;
  options.max_queue = 0;
  const LaneId a = queue.add_lane(options);
  push(a, 1, {.pictures = 5});
  push(a, 2);
  EXPECT_EQ(dropped_for(Dropped::kFull), Ids{2});
  EXPECT_EQ(take(), Ids{1});
}

TEST_F(BatchQueueTest, JobsPastTheirDeadlineAreDroppedWhereverTheyWait) {
  const LaneId a = lane(4);
  push(a, 1, {.deadline = at(30)});
  push(a, 2, {.deadline = at(10)});
  push(a, 3);
  push(a, 4, {.deadline = at(0)});
  EXPECT_EQ(dropped_for(Dropped::kDeadline), Ids{4});  // at once
  EXPECT_EQ(queue.next_deadline(), at(10));
  now = at(10);
  queue.expire(now, dropped);
  EXPECT_EQ(dropped_for(Dropped::kDeadline), (Ids{4, 2}));
  EXPECT_EQ(queue.next_deadline(), at(30));
  EXPECT_EQ(queue.waiting(a), 2u);
  now = at(29);
  EXPECT_EQ(take(), (Ids{1, 3}));
  EXPECT_EQ(queue.next_deadline(), std::nullopt);
  push(a, 5, {.deadline = at(30)});
  now = at(31);
  EXPECT_EQ(take(), Ids{});
  EXPECT_EQ(dropped_for(Dropped::kDeadline), (Ids{4, 2, 5}));
}

TEST_F(BatchQueueTest, ALaneLimitsHowLongJobsWithoutADeadlineWait) {
  LaneOptions options;
  options.time_limit = milliseconds(20);
  const LaneId a = queue.add_lane(options);
  push(a, 1);
  push(a, 2, {.deadline = at(50)});
  now = at(20);
  EXPECT_EQ(take(), Ids{2});
  EXPECT_EQ(dropped_for(Dropped::kDeadline), Ids{1});
  options.time_limit = Duration::max();
  const LaneId b = queue.add_lane(options);
  push(b, 3);
  EXPECT_EQ(queue.next_deadline(), Time::max());
  EXPECT_EQ(take(), Ids{3});
}

// A client that would wait for an hour waits no longer than the model lets it.
TEST_F(BatchQueueTest, WhatAClientWaitsShortensTheDeadlineOnly) {
  LaneOptions options;
  options.time_limit = milliseconds(20);
  const LaneId a = queue.add_lane(options);
  push(a, 1, {.until = at(50)});
  EXPECT_EQ(queue.next_deadline(), at(20));
  push(a, 2, {.until = at(10)});
  EXPECT_EQ(queue.next_deadline(), at(10));
  push(a, 3, {.deadline = at(8), .until = at(30)});
  EXPECT_EQ(queue.next_deadline(), at(8));
  push(a, 4, {.deadline = at(30), .until = at(5)});
  EXPECT_EQ(queue.next_deadline(), at(5));
  const LaneId b = lane(2);
  push(b, 5, {.until = at(0)});
  EXPECT_EQ(dropped_for(Dropped::kDeadline), Ids{5});
}

TEST_F(BatchQueueTest, CancelledJobsAreNotGivenOut) {
  const LaneId a = lane(2);
  const auto flag = std::make_shared<std::atomic<bool>>(false);
  push(a, 1, {.cancelled = flag});
  push(a, 2);
  push(a, 3, {.cancelled = flag});
  push(a, 4);
  flag->store(true);
  push(a, 5, {.cancelled = flag});
  EXPECT_EQ(dropped_for(Dropped::kCancelled), Ids{5});
  EXPECT_EQ(take(), (Ids{2, 4}));
  EXPECT_EQ(dropped_for(Dropped::kCancelled), (Ids{5, 1, 3}));
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST_F(BatchQueueTest, ALaneThatIsRemovedDropsWhatWaits) {
  const LaneId a = lane(1), b = lane(1);
  push(a, 1, {.deadline = at(5)});
  push(a, 2, {.priority = 0});
  push(b, 3);
  EXPECT_EQ(take(), Ids{2});
  queue.remove_lane(a, Dropped::kStopping, dropped);
  EXPECT_EQ(dropped_for(Dropped::kStopping), Ids{1});
  EXPECT_EQ(queue.next_deadline(), std::nullopt);
  push(a, 4);
  EXPECT_EQ(dropped_for(Dropped::kUnloaded), Ids{4});
  queue.finished(*last, milliseconds(10));  // of a lane that is gone
  EXPECT_EQ(queue.waiting(), 1u);
  EXPECT_EQ(take(), Ids{3});
}

TEST_F(BatchQueueTest, BacklogIsWhatTheLastBatchesTook) {
  const LaneId a = lane(2), b = lane(1);
  EXPECT_EQ(queue.backlog(a), Duration{});
  push(a, 1);
  push(a, 2);
  run(20);
  for (int i = 0; i < 10; ++i) push(a, 3);
  EXPECT_EQ(queue.backlog(a), milliseconds(100));
  push(b, 4);
  run(20);
  EXPECT_EQ(queue.backlog(b), Duration{});
  EXPECT_EQ(queue.backlog(a), milliseconds(100)) << "b has nothing to do";
  push(b, 5);
  EXPECT_EQ(queue.backlog(b), milliseconds(40)) << "a has half of the time";
  EXPECT_EQ(queue.backlog(a), milliseconds(120)) << "all that waits";
}

}  // namespace
}  // namespace saker::serve
