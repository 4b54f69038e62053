// Runs a plan: memory, threads, the steps in order. Before: plan/. After: api/.
#pragma once

#include <saker/result.h>

#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "plan/plan.h"

namespace saker {

// One stream of runs over a shared plan. Not thread-safe.
class Executor {
 public:
  // `pool` has as many threads as the plan is cut for, and may serve others; null: threads of the executor's own.
  static Result<std::unique_ptr<Executor>> create(std::shared_ptr<const Plan> plan,
                                                  std::shared_ptr<ThreadPool> pool = nullptr);

  // Runs another plan of the same network, for fewer pictures, in the memory of this executor: the front of its inputs,
  // and its outputs' place. One of them at a time.
  Result<std::unique_ptr<Executor>> part(std::shared_ptr<const Plan> plan) const;

  Tensor& input(std::size_t i) { return inputs_[i]; }
  // Where plan()->byte_input lies: of all pictures, also of a part's.
  std::uint8_t* bytes() { return bytes_.data<std::uint8_t>(); }
  TensorView output(std::size_t i) const;
  const std::shared_ptr<const Plan>& plan() const { return plan_; }
  ThreadPool& pool() const { return *pool_; }

  // Has the pool for as long as it takes. With step_ms: also the milliseconds of each step.
  Status run(std::vector<double>* step_ms = nullptr);
  // The same with plan()->byte_input in place of that input.
  Status run_from_bytes();

 private:
  Executor(std::shared_ptr<const Plan> plan, std::shared_ptr<ThreadPool> pool)
      : plan_(std::move(plan)), pool_(std::move(pool)) {}
  void bind_buffers();
  Status run_steps(std::size_t first, std::vector<double>* step_ms);

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<ThreadPool> pool_;
  std::vector<Tensor> inputs_;
  Tensor arena_, bytes_;
  std::unique_ptr<RunContext> context_;
};

}  // namespace saker
