// What waits in a queue until a worker is free: a request's share of a batch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace saker::serve {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// Why a job was not run.
enum class Dropped : std::uint8_t {
  kFull,       // the queue has no room: come again later
  kDeadline,   // it waited longer than it may
  kCancelled,  // nobody waits for the answer any more
  kUnloaded,   // the model is going
  kStopping,   // the server is going
};

struct JobOptions {
  int priority = 1;                                         // of all that wait, smaller ones go first; 0 to 9
  int pictures = 1;                                         // places of a batch that it takes, 1 or more
  std::optional<Time> deadline = {};                        // it must have begun by then
  std::shared_ptr<const std::atomic<bool>> cancelled = {};  // set by others when the client has gone; may be null
  std::optional<Time> until = {};  // the client waits no longer: a deadline, too, but none that extends the model's
};

class Job {
 public:
  explicit Job(const JobOptions& options) : options_(options) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  const JobOptions& options() const { return options_; }
  // Answers the request with a refusal. Called once, in place of Runner::run, while no lock is held.
  virtual void drop(Dropped why) = 0;

 private:
  JobOptions options_;
};

// What a model does with a batch.
class Runner {
 public:
  virtual ~Runner() = default;
  // Answers every job of the batch. `worker`: 0 to Scheduler::workers() - 1; one call at a time for each.
  virtual void run(int worker, std::span<const std::unique_ptr<Job>> batch) = 0;
};

}  // namespace saker::serve
