// What the tests of queues and schedulers share: jobs with numbers, and a log of what became of them.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "serve/job.h"
#include "serve/scheduler.h"

namespace saker::serve::testing {

// Which jobs were run, dropped, destroyed. Thread-safe.
class Fates {
 public:
  void ran(int id) {
    const std::lock_guard lock(mutex_);
    ran_.push_back(id);
    changed_.notify_all();
  }
  void dropped(int id, Dropped why) {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(dropped_.emplace(id, why).second) << "job " << id << " was dropped twice";
    changed_.notify_all();
  }
  void destroyed(int id) {
    const std::lock_guard lock(mutex_);
    destroyed_.push_back(id);
    changed_.notify_all();
  }

  std::vector<int> all_ran() const {
    const std::lock_guard lock(mutex_);
    return ran_;
  }
  std::map<int, Dropped> all_dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }
  // Until so many are gone; a test that waits in vain ends by ctest's time limit.
  void wait_destroyed(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return destroyed_.size() >= count; });
  }
  void wait_dropped(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return dropped_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> ran_, destroyed_;
  std::map<int, Dropped> dropped_;
};

class NumberedJob : public Job {
 public:
  NumberedJob(int id, const JobOptions& options, Fates* fates = nullptr) : Job(options), id_(id), fates_(fates) {}
  ~NumberedJob() override {
    if (fates_ != nullptr) fates_->destroyed(id_);
  }
  int id() const { return id_; }
  void drop(Dropped why) override {
    if (fates_ != nullptr) fates_->dropped(id_, why);
  }

 private:
  int id_;
  Fates* fates_;
};

inline std::unique_ptr<Job> numbered(int id, const JobOptions& options = {}, Fates* fates = nullptr) {
  return std::make_unique<NumberedJob>(id, options, fates);
}
inline int id_of(const Job& job) {
  return static_cast<const NumberedJob&>(job).id();
}

// Keeps a worker busy until it is opened: what comes meanwhile waits.
class Barrier : public Runner {
 public:
  void run(int, std::span<const std::unique_ptr<Job>>) override {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return opened_ >= begun_; });
  }
  void wait_begun(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    opened_ = begun_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0, opened_ = 0;
};

// Keeps the only worker of a scheduler busy until it is opened or gone.
class BusyWorker {
 public:
  explicit BusyWorker(Scheduler& scheduler) {
    const LaneId lane = scheduler.add({}, barrier_);
    scheduler.submit(lane, numbered(1));
    barrier_->wait_begun(1);
  }
  ~BusyWorker() { open(); }
  BusyWorker(const BusyWorker&) = delete;
  BusyWorker& operator=(const BusyWorker&) = delete;
  void open() { barrier_->open(); }

 private:
  const std::shared_ptr<Barrier> barrier_ = std::make_shared<Barrier>();
};

}  // namespace saker::serve::testing
