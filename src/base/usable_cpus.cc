#include "base/usable_cpus.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace saker {
namespace {

std::optional<double> smaller(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// "max 100000" or "150000 100000": microseconds of each period (Linux, Documentation/admin-guide/cgroup-v2.rst).
std::optional<double> quota_v2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// -1 is no limit (Documentation/scheduler/sched-bwc.rst).
std::optional<double> quota_v1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  double quota = 0, period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// Of the group and those it lies in, below the root.
template <typename Quota>
std::optional<double> tightest(const std::string& mount, std::string group, Quota&& quota) {
  std::optional<double> limit;
  while (group.size() > 1) {
    limit = smaller(limit, quota(mount + group));
    group.resize(group.find_last_of('/'));
  }
  return limit;
}

// Whether "cpu" is one of the names between commas.
bool names_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

std::vector<int> cpus_in_mask() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) cpus.push_back(i);
  }
  return cpus;
}

std::optional<double> cpu_quota(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  // The root first: inside a container it may be the group itself.
  std::optional<double> limit = smaller(quota_v2(mount), quota_v1(mount + "/cpu"));
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/group" or "4:cpu,cpuacct:/group"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    if (!group.starts_with('/')) continue;
    if (controllers.empty()) limit = smaller(limit, tightest(mount, group, quota_v2));
    if (names_cpu(controllers)) limit = smaller(limit, tightest(mount + "/cpu", group, quota_v1));
  }
  return limit;
}

int usable_cpus() {
  const int in_mask = std::max<int>(static_cast<int>(cpus_in_mask().size()), 1);
  const std::optional<double> quota = cpu_quota();
  if (!quota) return in_mask;
  return std::clamp(static_cast<int>(std::min(*quota, 1e6)), 1, in_mask);
}

}  // namespace saker
