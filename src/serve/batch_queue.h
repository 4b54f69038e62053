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
  double weight = 1;  // share of the workers' time where several lanes have work, relative to the others; above 0
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
  int priority = 0;    // of its first job
  double charged = 0;  // seconds that fairness has counted for it beforehand
};

// The order: the smallest priority of all lanes; of the lanes that have it the one whose batches of this priority took
// the least time so far, divided by its weight (a lane that had nothing to do starts where those stand that had); of a
// lane's jobs of one priority the one that came first. A batch is filled up with the lane's next jobs in this order,
// down to the most urgent priority of other lanes. A job that no longer fits ends the batch, so that nothing overtakes
// it; one of more pictures than max_batch is a batch by itself.
//
// A call costs O(lanes + log jobs), and as much for each job that it takes or drops.
class BatchQueue {
 public:
  BatchQueue();
  ~BatchQueue();

  LaneId add_lane(const LaneOptions& options);
  void remove_lane(LaneId lane, Dropped why, std::vector<DroppedJob>& dropped);  // what waits in it is dropped

  // Puts it in, or into `dropped`. A lane that is full makes room for it by dropping what came last of the least urgent
  // jobs, if they are less urgent; one in which nothing waits takes any job. Without such a lane: kUnloaded.
  void push(LaneId lane, std::unique_ptr<Job> job, Time now, std::vector<DroppedJob>& dropped);
  // The next batch for a free worker, of one lane; none: nothing waits, or what waits may wait on for more.
  // `other_idle`: workers that are idle besides the one that asks; while there are some nothing is held back, nor while
  // there is less urgent work to do. Jobs past their deadline or cancelled go into `dropped`.
  std::optional<Batch> take(Time now, int other_idle, std::vector<DroppedJob>& dropped);
  // What running a batch took. Its jobs may be gone.
  void finished(const Batch& batch, Duration busy);
  // Drops what is past its deadline: a job must have been taken before it.
  void expire(Time now, std::vector<DroppedJob>& dropped);

  std::optional<Time> next_deadline() const;  // of all that wait
  std::optional<Time> next_take() const;      // when take() gives a batch that it holds back now, if nothing changes

  std::size_t waiting(LaneId lane) const;  // pictures
  std::size_t waiting() const;
  // Workers' time that has to pass until a job that comes now would be taken, by what the last batches took.
  Duration backlog(LaneId lane) const;

 private:
  struct Waiting;
  struct Level;
  struct Lane;
  struct Choice;
  using Deadlines = std::multimap<Time, Waiting*>;

  std::unique_ptr<Job> remove(Waiting& waiting);
  void drop(Waiting& waiting, Dropped why, std::vector<DroppedJob>& dropped);
  bool make_room(Lane& lane, const JobOptions& job, std::vector<DroppedJob>& dropped);
  void drop_cancelled_heads(Lane& lane, std::vector<DroppedJob>& dropped);
  std::optional<Choice> choose(Time now, int other_idle) const;
  void fill(Lane& lane, int lowest, Batch& batch, std::vector<DroppedJob>& dropped);
  void move_clock(int priority);

  std::map<LaneId, std::unique_ptr<Lane>> lanes_;
  LaneId next_ = 1;
  Deadlines deadlines_;
  std::size_t waiting_ = 0;
  std::uint64_t takes_ = 0;
  std::vector<double> clocks_;  // of each priority: what the lanes that have work have had at least, in seconds
};

}  // namespace saker::serve
