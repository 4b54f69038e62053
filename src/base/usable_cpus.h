// How many CPUs this process may use.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace saker {

// At least 1, and no more than are in the affinity mask or fit whole into the control groups' quota.
int usable_cpus();

std::vector<int> cpus_in_mask();  // of the process's affinity; empty: not known

// CPU time a second that control groups allow (cgroup versions 2 and 1; the tightest limit up to the root). `root` is
// put before /proc and /sys, for tests.
std::optional<double> cpu_quota(const std::string& root = "");

}  // namespace saker
