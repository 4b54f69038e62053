// Workers take batches from the queue; one more thread drops what is past its deadline while all of them are busy.
// Nothing of others (jobs, runners) is called or destroyed while the lock is held.
#include "serve/scheduler.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <utility>

namespace saker::serve {
namespace {

using Lock = std::unique_lock<std::mutex>;

Time now() {
  return std::chrono::steady_clock::now();
}

void answer(std::vector<DroppedJob>& dropped) {
  for (DroppedJob& each : dropped) each.job->drop(each.why);
  dropped.clear();
}

}  // namespace

struct Scheduler::State {
  struct Lane {
    std::shared_ptr<Runner> runner;
    int batches = 0, pictures = 0;  // that run
    bool draining = false;
  };

  explicit State(int count) : workers(count) {}

  void submit(LaneId lane, std::unique_ptr<Job> job);
  void work(int worker);
  void run(int worker, std::optional<Batch>& batch, std::vector<DroppedJob>& dropped, Lock& lock);
  void keep_deadlines();
  bool is_quiet(LaneId id) const { return queue.waiting(id) == 0 && lanes.at(id).batches == 0; }
  std::shared_ptr<Runner> remove(LaneId id, Dropped why, Lock& lock);
  void drain(LaneId id, Time until);
  void stop(Time until);
  void start();

  const int workers;
  mutable std::mutex mutex;
  std::condition_variable work_came, deadline_came, became_quiet;
  BatchQueue queue;
  std::map<LaneId, Lane> lanes;
  std::vector<std::thread> threads;
  int idle = 0;                         // workers that wait for work
  Time deadline_awaited = Time::max();  // by keep_deadlines()
  bool stopping = false;                // takes no jobs
  bool impatient = false;               // what waits is waited for no longer
  bool ending = false;
  std::mutex stop_mutex;  // one stop() at a time
};

void Scheduler::State::submit(LaneId id, std::unique_ptr<Job> job) {
  std::vector<DroppedJob> dropped;
  bool wake_worker = false, wake_keeper = false;
  {
    const Lock lock(mutex);
    const auto lane = lanes.find(id);
    if (stopping || lane == lanes.end() || lane->second.draining) {
      dropped.push_back({std::move(job), stopping ? Dropped::kStopping : Dropped::kUnloaded});
    } else {
      queue.push(id, std::move(job), now(), dropped);
      wake_worker = idle > 0;
      const std::optional<Time> deadline = queue.next_deadline();
      wake_keeper = deadline && *deadline < deadline_awaited;
    }
  }
  if (wake_worker) work_came.notify_one();
  if (wake_keeper) deadline_came.notify_one();
  answer(dropped);
}

void Scheduler::State::work(int worker) {
  std::vector<DroppedJob> dropped;
  Lock lock(mutex);
  while (!ending) {
    std::optional<Batch> batch = queue.take(now(), idle, dropped);
    if (batch || !dropped.empty()) {
      if (!batch) became_quiet.notify_all();
      run(worker, batch, dropped, lock);
      continue;
    }
    ++idle;
    if (const std::optional<Time> until = queue.next_take()) {
      work_came.wait_until(lock, *until);
    } else {
      work_came.wait(lock);
    }
    --idle;
  }
}

// Called with the lock held, and returns so.
void Scheduler::State::run(int worker, std::optional<Batch>& batch, std::vector<DroppedJob>& dropped, Lock& lock) {
  if (!batch) {
    lock.unlock();
    answer(dropped);
    lock.lock();
    return;
  }
  Lane& lane = lanes.at(batch->lane);  // stays, and its runner, while a batch of it runs
  ++lane.batches;
  lane.pictures += batch->pictures;
  lock.unlock();
  answer(dropped);
  const Time start = now();
  try {
    lane.runner->run(worker, batch->jobs);
  } catch (...) {  // a runner answers its jobs whatever happens; a worker is not lost if one does not
  }
  const Duration busy = now() - start;
  batch->jobs.clear();
  lock.lock();
  queue.finished(*batch, busy);
  --lane.batches;
  lane.pictures -= batch->pictures;
  became_quiet.notify_all();
}

void Scheduler::State::keep_deadlines() {
  std::vector<DroppedJob> dropped;
  Lock lock(mutex);
  while (!ending) {
    queue.expire(now(), dropped);
    if (!dropped.empty()) {
      became_quiet.notify_all();
      lock.unlock();
      answer(dropped);
      lock.lock();
      continue;
    }
    const std::optional<Time> deadline = queue.next_deadline();
    deadline_awaited = deadline.value_or(Time::max());
    if (deadline) {
      deadline_came.wait_until(lock, *deadline);
    } else {
      deadline_came.wait(lock);
    }
  }
}

// The lane must be there and take no jobs any more. What waits is dropped, what runs is waited for.
std::shared_ptr<Runner> Scheduler::State::remove(LaneId id, Dropped why, Lock& lock) {
  std::vector<DroppedJob> dropped;
  queue.remove_lane(id, why, dropped);
  lock.unlock();
  answer(dropped);
  lock.lock();
  became_quiet.wait(lock, [&] { return lanes.at(id).batches == 0; });
  return std::exchange(lanes.at(id).runner, nullptr);
}

void Scheduler::State::drain(LaneId id, Time until) {
  std::shared_ptr<Runner> runner;
  Lock lock(mutex);
  const auto lane = lanes.find(id);
  if (lane == lanes.end()) return;
  if (lane->second.draining) {  // by another thread, which takes the lane away
    became_quiet.wait(lock, [&] { return !lanes.contains(id); });
    return;
  }
  lane->second.draining = true;
  became_quiet.wait_until(lock, until, [&] { return impatient || is_quiet(id); });
  runner = remove(id, Dropped::kUnloaded, lock);
  lanes.erase(id);
  became_quiet.notify_all();
  lock.unlock();
}

void Scheduler::State::stop(Time until) {
  std::vector<std::shared_ptr<Runner>> runners;
  const Lock only(stop_mutex);
  Lock lock(mutex);
  stopping = true;
  const auto all_quiet = [&] {
    return std::ranges::all_of(lanes, [&](const auto& lane) { return is_quiet(lane.first); });
  };
  became_quiet.wait_until(lock, until, all_quiet);
  impatient = true;
  became_quiet.notify_all();
  for (;;) {
    const auto lane = std::ranges::find_if(lanes, [](const auto& each) { return !each.second.draining; });
    if (lane == lanes.end()) break;
    const LaneId id = lane->first;
    lane->second.draining = true;
    runners.push_back(remove(id, Dropped::kStopping, lock));
    lanes.erase(id);
    became_quiet.notify_all();
  }
  became_quiet.wait(lock, [&] { return lanes.empty(); });  // drain() of other threads
  ending = true;
  lock.unlock();
  work_came.notify_all();
  deadline_came.notify_all();
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

void Scheduler::State::start() {
  threads.reserve(static_cast<std::size_t>(workers) + 1);
  try {
    for (int i = 0; i < workers; ++i) threads.emplace_back([this, i] { work(i); });
    threads.emplace_back([this] { keep_deadlines(); });
  } catch (...) {
    stop({});
    throw;
  }
}

Scheduler::Scheduler(int workers) : state_(std::make_unique<State>(std::max(workers, 1))) {
  state_->start();
}
Scheduler::~Scheduler() {
  stop({});
}

int Scheduler::workers() const {
  return state_->workers;
}

LaneId Scheduler::add(const LaneOptions& options, std::shared_ptr<Runner> runner) {
  const Lock lock(state_->mutex);
  const LaneId id = state_->queue.add_lane(options);
  State::Lane& lane = state_->lanes[id];
  lane.runner = std::move(runner);
  return id;
}

void Scheduler::submit(LaneId lane, std::unique_ptr<Job> job) {
  state_->submit(lane, std::move(job));
}
void Scheduler::drain(LaneId lane, Time until) {
  state_->drain(lane, until);
}
void Scheduler::stop(Time until) {
  state_->stop(until);
}

std::size_t Scheduler::waiting(LaneId lane) const {
  const Lock lock(state_->mutex);
  return state_->queue.waiting(lane);
}

int Scheduler::running(LaneId lane) const {
  const Lock lock(state_->mutex);
  const auto found = state_->lanes.find(lane);
  return found == state_->lanes.end() ? 0 : found->second.pictures;
}

int Scheduler::busy_workers() const {
  const Lock lock(state_->mutex);
  int busy = 0;
  for (const auto& [id, lane] : state_->lanes) busy += lane.batches;
  return busy;
}

Duration Scheduler::expected_wait(LaneId lane) const {
  const Lock lock(state_->mutex);
  return state_->queue.backlog(lane) / state_->workers;
}

}  // namespace saker::serve
