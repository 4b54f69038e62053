// Threads: CPU threads that several sessions compute with.
#pragma once

#include <saker/result.h>

#include <memory>

namespace saker {

// Cheap to copy; copies are the same threads, which end with the last of them. Sessions that share threads take turns,
// a run at a time in the order they came: never more than count() threads are busy, the callers included.
class Threads {
 public:
  // count - 1 threads beside the caller's; 0: as many as CPUs this process may
  // use, by its affinity mask and its control group's quota. Errors: kInvalid; kLimit, the system has no
  // more.
  static Result<Threads> create(int count = 0);
  int count() const;

  struct State;  // internal
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  explicit Threads(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace saker
