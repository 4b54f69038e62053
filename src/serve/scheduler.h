// Workers that run jobs of many models in batches: BatchQueue with threads.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "serve/batch_queue.h"

namespace saker::serve {

// Thread-safe.
class Scheduler {
 public:
  // `workers`: batches at a time, each on a thread of its own. Throws std::system_error: the system has no more
  // threads.
  explicit Scheduler(int workers);
  ~Scheduler();  // as stop({})
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  int workers() const;
  LaneId add(const LaneOptions& options, std::shared_ptr<Runner> runner);
  // Takes it over; a job that is not taken is dropped before this returns.
  void submit(LaneId lane, std::unique_ptr<Job> job);
  // Takes no more jobs of the lane (kUnloaded), lets those that wait be run until `until` and drops the rest. Returns
  // when nothing of it runs any more and its runner has been let go. Not to be called by a runner.
  void drain(LaneId lane, Time until);
  // The same with all lanes (kStopping). The workers end.
  void stop(Time until);

  std::size_t waiting(LaneId lane) const;  // pictures
  int running(LaneId lane) const;          // pictures
  int busy_workers() const;
  // How long a job that comes now would wait, by what the lane's last batches took: for Retry-After.
  Duration expected_wait(LaneId lane) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace saker::serve
