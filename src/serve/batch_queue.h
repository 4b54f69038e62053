// Which jobs a free worker takes: queues of several models, batches, priorities, deadlines, fairness. It knows no
// threads and no clock: the time is an argument of every call, so that tests make their own.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "serve/job.h"

namespace saker::serve {

struct LaneOptions {
  int max_batch = 1;           // pictures a run
  Duration max_delay = {};     // how long the last idle worker may wait for a fuller batch; 0: takes what there is
  std::size_t max_queue = 64;  // pictures that may wait; more are dropped (kFull)
  std::optional<Duration> time_limit = {};  // of waiting, for jobs without a deadline of their own
  double weight = 1;  // share of the workers' time where several lanes have work, relative to the others
};

using LaneId = std::uint64_t;

struct DroppedJob {
  std::unique_ptr<Job> job;
  Dropped why;
};

struct Batch {
  LaneId lane = 0;
  std::vector<std::unique_ptr<Job>> jobs;
  int pictures = 0;
};

class BatchQueue {
 public:
  LaneId add_lane(const LaneOptions& options);
  void remove_lane(LaneId lane, std::vector<DroppedJob>& dropped);  // what waits in it is dropped (kUnloaded)

  // Puts it in, or into `dropped`.
  void push(LaneId lane, std::unique_ptr<Job> job, Time now, std::vector<DroppedJob>& dropped);
  // The next batch for a free worker, of one lane; none: nothing waits, or what waits may wait on for more.
  // `other_idle`: workers that are idle besides the one that asks; while there are some nothing is held back. Jobs past
  // their deadline or cancelled go into `dropped`.
  std::optional<Batch> take(Time now, int other_idle, std::vector<DroppedJob>& dropped);
  // What running took: what fairness between lanes is counted by.
  void finished(LaneId lane, Duration busy);
  // When take() is worth asking again although nothing was pushed: an incomplete batch has waited long enough, or a
  // deadline passes.
  std::optional<Time> next_event() const;

  std::size_t waiting(LaneId lane) const;  // pictures
  std::size_t waiting() const;

 private:
  struct Lane;
  std::map<LaneId, std::unique_ptr<Lane>> lanes_;
  LaneId next_ = 1;
};

}  // namespace saker::serve
