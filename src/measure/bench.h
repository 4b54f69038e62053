// A benchmark from its configurations to its report.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "measure/bench_report.h"

namespace saker {

struct BenchProgress {
  // Before each piece of work: a configuration is loaded, or measured for a round.
  std::function<void(std::size_t done, std::size_t all)> step;
  // After each group.
  std::function<void(const std::vector<Measured>& results)> group;
};

// Group by group: what is in one group is measured in turns (runner.h). `command` starts the process of each
// configuration that has no command of its own. Ratios are left to the caller.
BenchReport run_bench(const std::vector<std::vector<Configuration>>& groups, const MeasureOptions& options,
                      const std::vector<std::string>& command, const BenchProgress& progress);

}  // namespace saker
