// Runs a plan: memory, threads, the steps in order. Before: plan/. After: api/.
#pragma once

#include <saker/result.h>

#include <memory>
#include <vector>

#include "plan/plan.h"

namespace saker {

// One stream of runs over a shared plan. Not thread-safe.
class Executor {
 public:
  static Result<std::unique_ptr<Executor>> create(std::shared_ptr<const Plan> plan, int threads);

  Tensor& input(std::size_t i) { return inputs_[i]; }
  TensorView output(std::size_t i) const;
  const std::shared_ptr<const Plan>& plan() const { return plan_; }
  int threads() const { return pool_.threads(); }
  ThreadPool& pool() { return pool_; }

  // With step_ms: also the milliseconds of each step.
  Status run(std::vector<double>* step_ms = nullptr);

 private:
  Executor(std::shared_ptr<const Plan> plan, int threads) : plan_(std::move(plan)), pool_(threads) {}

  std::shared_ptr<const Plan> plan_;
  ThreadPool pool_;
  std::vector<Tensor> inputs_;
  Tensor arena_;
  std::unique_ptr<RunContext> context_;
};

}  // namespace saker
