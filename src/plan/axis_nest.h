// Loops over all axes of a tensor but one, which the kernel walks.
#pragma once

#include "plan/planner.h"

namespace saker {

constexpr std::size_t kNoAxis = SIZE_MAX;

// The axes of a view but `skip`, as a nest over destination and source offsets.
LoopNest outer_nest(const PlanView& dst, const PlanView& src, std::size_t skip, std::size_t skip_too);

std::int64_t job_count(std::int64_t iterations, int threads);

// Each iteration of the nest, in so many jobs.
template <typename Body>
void for_each_row(ThreadPool& pool, const LoopNest& nest, std::int64_t jobs, Body&& body) {
  const std::int64_t total = nest.elements();
  pool.run(jobs, [&](std::int64_t job, int) {
    nest.for_range(job * total / jobs, (job + 1) * total / jobs, nest.rank,
                   [&](const std::int64_t* offsets) { body(offsets[0], offsets[1]); });
  });
}

}  // namespace saker
