// Nothing here depends on how fast the machine is: runners wait until the test lets them go on.
#include "serve/scheduler.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <set>

#include "serve/serve_testing.h"

namespace saker::serve {
namespace {

using testing::Fates;
using testing::id_of;
using testing::numbered;

const Time kNever = Time::max();

// Runs batches when it is let: each run takes one permit.
class GatedRunner : public Runner {
 public:
  explicit GatedRunner(Fates& fates) : fates_(fates) {}

  void run(int worker, std::span<const std::unique_ptr<Job>> batch) override {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(workers_.insert(worker).second) << "two runs at a time by worker " << worker;
    std::vector<int> ids;
    for (const auto& job : batch) ids.push_back(id_of(*job));
    batches_.push_back(ids);
    changed_.notify_all();
    changed_.wait(lock, [&] { return permits_ > 0; });
    --permits_;
    workers_.erase(worker);
    lock.unlock();
    for (const int id : ids) fates_.ran(id);
  }

  void let(int batches) {
    const std::lock_guard lock(mutex_);
    permits_ += batches;
    changed_.notify_all();
  }
  // Until so many runs have begun, since the start.
  std::vector<std::vector<int>> wait_begun(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return batches_.size() >= count; });
    return batches_;
  }

 private:
  Fates& fates_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int permits_ = 0;
  std::vector<std::vector<int>> batches_;
  std::set<int> workers_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  void start(int workers, const LaneOptions& options = {}) {
    scheduler.emplace(workers);
    runner = std::make_shared<GatedRunner>(fates);
    lane = scheduler->add(options, runner);
  }
  void submit(int id, const JobOptions& options = {}) { scheduler->submit(lane, numbered(id, options, &fates)); }
  void TearDown() override {
    if (runner) runner->let(1'000'000);
    scheduler.reset();
  }

  Fates fates;
  std::shared_ptr<GatedRunner> runner;
  std::optional<Scheduler> scheduler;
  LaneId lane = 0;
};

TEST_F(SchedulerTest, RunsWhatCameWhileItWasBusyInOneBatch) {
  LaneOptions options;
  options.max_batch = 4;
  start(1, options);
  submit(1);
  runner->wait_begun(1);
  for (int id = 2; id <= 6; ++id) submit(id);
  EXPECT_EQ(scheduler->waiting(lane), 5u);
  EXPECT_EQ(scheduler->running(lane), 1);
  EXPECT_EQ(scheduler->busy_workers(), 1);
  runner->let(3);
  fates.wait_destroyed(6);
  EXPECT_EQ(runner->wait_begun(3), (std::vector<std::vector<int>>{{1}, {2, 3, 4, 5}, {6}}));
  EXPECT_TRUE(fates.all_dropped().empty());
}

TEST_F(SchedulerTest, AllWorkersWorkAtATime) {
  start(3);
  EXPECT_EQ(scheduler->workers(), 3);
  for (int id = 1; id <= 4; ++id) submit(id);
  runner->wait_begun(3);
  EXPECT_EQ(scheduler->busy_workers(), 3);
  EXPECT_EQ(scheduler->waiting(lane), 1u);
  runner->let(4);
  fates.wait_destroyed(4);
}

TEST_F(SchedulerTest, AJobThatIsNotTakenIsDroppedBeforeSubmitReturns) {
  LaneOptions options;
  options.max_queue = 1;
  start(1, options);
  submit(1);
  runner->wait_begun(1);
  submit(2);
  submit(3);
  EXPECT_EQ(fates.all_dropped(), (std::map<int, Dropped>{{3, Dropped::kFull}}));
  scheduler->submit(lane + 1, numbered(4, {}, &fates));
  EXPECT_EQ(fates.all_dropped().at(4), Dropped::kUnloaded);
}

TEST_F(SchedulerTest, ADeadlinePassesAlthoughNoWorkerIsFree) {
  start(1);
  submit(1);
  runner->wait_begun(1);
  submit(2, {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5)});
  submit(3);
  fates.wait_dropped(1);
  EXPECT_EQ(fates.all_dropped(), (std::map<int, Dropped>{{2, Dropped::kDeadline}}));
  EXPECT_TRUE(fates.all_ran().empty());
}

TEST_F(SchedulerTest, TheLastIdleWorkerComesBackToWhatItHoldsBack) {
  LaneOptions options;
  options.max_batch = 8;
  options.max_delay = std::chrono::milliseconds(5);
  start(1, options);
  runner->let(1);
  submit(1);
  fates.wait_destroyed(1);
  EXPECT_EQ(fates.all_ran(), std::vector<int>{1});
}

TEST_F(SchedulerTest, DrainingRunsWhatWaitsAndRefusesTheRest) {
  start(1);
  const std::weak_ptr<GatedRunner> watched = runner;
  submit(1);
  runner->wait_begun(1);
  submit(2);
  std::promise<void> drained;
  std::thread drainer([&] {
    scheduler->drain(lane, kNever);
    drained.set_value();
  });
  for (int id = 100; !fates.all_dropped().contains(id - 1); ++id) submit(id);  // until it has begun to drain
  for (const auto& [id, why] : fates.all_dropped()) EXPECT_TRUE(why == Dropped::kUnloaded || why == Dropped::kFull);
  auto done = drained.get_future();
  EXPECT_NE(done.wait_for(std::chrono::milliseconds(0)), std::future_status::ready);
  runner->let(1'000);
  done.wait();
  drainer.join();
  const std::vector<int> ran = fates.all_ran();
  EXPECT_EQ(std::vector<int>(ran.begin(), ran.begin() + 2), (std::vector<int>{1, 2}));
  runner.reset();
  EXPECT_TRUE(watched.expired()) << "the scheduler has let it go";
  scheduler->drain(lane, kNever);  // of a lane that is gone
}

TEST_F(SchedulerTest, DrainingDropsWhatWaitsTooLong) {
  start(1);
  submit(1);
  runner->wait_begun(1);
  submit(2);
  std::thread drainer([&] { scheduler->drain(lane, Time{}); });
  fates.wait_dropped(1);
  EXPECT_EQ(fates.all_dropped(), (std::map<int, Dropped>{{2, Dropped::kUnloaded}}));
  runner->let(1);
  drainer.join();
  EXPECT_EQ(fates.all_ran(), std::vector<int>{1});
}

TEST_F(SchedulerTest, OneLaneDrainsWhileAnotherRuns) {
  start(2);
  auto other_runner = std::make_shared<GatedRunner>(fates);
  const LaneId other = scheduler->add({}, other_runner);
  submit(1);
  runner->wait_begun(1);
  scheduler->drain(other, kNever);
  EXPECT_EQ(scheduler->running(lane), 1);
  EXPECT_EQ(scheduler->running(other), 0);
}

TEST_F(SchedulerTest, StoppingRunsWhatWaits) {
  start(2);
  for (int id = 1; id <= 5; ++id) submit(id);
  runner->wait_begun(2);
  std::thread stopper([&] { scheduler->stop(kNever); });
  for (int id = 100; !fates.all_dropped().contains(id - 1); ++id) submit(id);
  runner->let(1'000);
  stopper.join();
  std::set<int> ran;
  for (const int id : fates.all_ran()) ran.insert(id);
  for (int id = 1; id <= 5; ++id) EXPECT_TRUE(ran.contains(id)) << id;
  submit(999'999);
  EXPECT_EQ(fates.all_dropped().at(999'999), Dropped::kStopping);
  scheduler->stop(kNever);  // again
}

TEST_F(SchedulerTest, StoppingDoesNotWaitForALongDrain) {
  start(1);
  submit(1);
  runner->wait_begun(1);
  submit(2);
  std::thread drainer([&] { scheduler->drain(lane, kNever); });
  for (int id = 100; !fates.all_dropped().contains(id - 1); ++id) submit(id);
  std::thread stopper([&] { scheduler->stop(Time{}); });
  while (!fates.all_dropped().contains(2)) std::this_thread::yield();
  runner->let(1);
  drainer.join();
  stopper.join();
  EXPECT_EQ(fates.all_ran(), std::vector<int>{1});
}

class ThrowingRunner : public Runner {
 public:
  void run(int, std::span<const std::unique_ptr<Job>>) override { throw std::runtime_error("a fault"); }
};

TEST_F(SchedulerTest, AWorkerSurvivesARunnerThatThrows) {
  start(1);
  const LaneId bad = scheduler->add({}, std::make_shared<ThrowingRunner>());
  scheduler->submit(bad, numbered(1, {}, &fates));
  fates.wait_destroyed(1);
  runner->let(1);
  submit(2);
  fates.wait_destroyed(2);
  EXPECT_EQ(fates.all_ran(), std::vector<int>{2});
}

// A job whose drop() and destructor call the scheduler: with a lock held that would never return.
class CallingJob : public Job {
 public:
  CallingJob(Scheduler& scheduler, LaneId lane, const JobOptions& options = {})
      : Job(options), scheduler_(scheduler), lane_(lane) {}
  ~CallingJob() override { scheduler_.waiting(lane_); }
  void drop(Dropped) override { scheduler_.expected_wait(lane_); }

 private:
  Scheduler& scheduler_;
  LaneId lane_;
};

TEST_F(SchedulerTest, JobsMayCallTheSchedulerWhenTheyAreDroppedAndDestroyed) {
  start(1);
  scheduler->submit(lane + 1, std::make_unique<CallingJob>(*scheduler, lane));  // by submit()
  submit(1);
  runner->wait_begun(1);
  const Time soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  scheduler->submit(lane, std::make_unique<CallingJob>(*scheduler, lane, JobOptions{.deadline = soon}));
  while (scheduler->waiting(lane) > 0) std::this_thread::yield();  // by the thread that keeps deadlines
  scheduler->submit(lane, std::make_unique<CallingJob>(*scheduler, lane));
  std::thread drainer([&] { scheduler->drain(lane, Time{}); });  // by drain()
  while (scheduler->waiting(lane) > 0) std::this_thread::yield();
  runner->let(1);
  drainer.join();
}

TEST(Scheduler, ManyThreadsSubmitToManyLanes) {
  constexpr int kThreads = 4, kJobs = 500;
  Fates fates;
  class Quick : public Runner {
   public:
    explicit Quick(Fates& fates) : fates_(fates) {}
    void run(int, std::span<const std::unique_ptr<Job>> batch) override {
      for (const auto& job : batch) fates_.ran(id_of(*job));
    }
    Fates& fates_;
  };
  {
    Scheduler scheduler(3);
    std::vector<LaneId> lanes;
    for (int i = 0; i < 3; ++i) {
      LaneOptions options;
      options.max_batch = 1 + i;
      options.max_queue = 50;
      options.max_delay = std::chrono::microseconds(100 * i);
      lanes.push_back(scheduler.add(options, std::make_shared<Quick>(fates)));
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kJobs; ++i) {
          JobOptions options;
          options.priority = i % 10;
          if (i % 7 == 0) options.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
          scheduler.submit(lanes[static_cast<std::size_t>(i % 3)], numbered(t * kJobs + i, options, &fates));
          if (t == 0 && i == kJobs / 2) scheduler.drain(lanes[2], std::chrono::steady_clock::now());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    scheduler.stop(kNever);
  }
  fates.wait_destroyed(kThreads * kJobs);
  std::set<int> seen;
  for (const int id : fates.all_ran()) EXPECT_TRUE(seen.insert(id).second) << id << " was run twice";
  for (const auto& [id, why] : fates.all_dropped()) EXPECT_TRUE(seen.insert(id).second) << id;
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kJobs));
}

}  // namespace
}  // namespace saker::serve
