#include "serve/process_metrics.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Fields of /proc/self/stat as proc(5) numbers them, from 1.
constexpr std::size_t kThreads = 20, kStartTicks = 22, kVirtualBytes = 23, kResidentPages = 24;

double stat_field(std::size_t number) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');  // field 2 is the program's name in parentheses
  if (name_end == std::string::npos || name_end + 2 >= line.size()) return kUnknown;
  const std::vector<std::string> fields = split(std::string_view(line).substr(name_end + 2), ' ');  // from field 3 on
  if (number - 3 >= fields.size()) return kUnknown;
  return parse_number(fields[number - 3]).value_or(kUnknown);
}

double cpu_seconds() {
  rusage usage = {};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return kUnknown;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + (static_cast<double>(time.tv_usec) * 1e-6);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_files() {
  std::error_code error;
  double count = -1;  // the folder itself is open while it is read
  for (fs::directory_iterator it("/proc/self/fd", error), end; it != end && !error; it.increment(error)) ++count;
  return error ? kUnknown : count;
}

double most_files() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUnknown;
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                         : static_cast<double>(limit.rlim_cur);
}

// Seconds since 1970.
double start_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("btime ")) continue;
    const auto boot = parse_number(trimmed(std::string_view(line).substr(6)));
    return boot.value_or(kUnknown) + (stat_field(kStartTicks) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
  }
  return kUnknown;
}

}  // namespace

void add_process_metrics(MetricRegistry& metrics) {
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  metrics.gauge("process_resident_memory_bytes", "Memory that is in RAM.", {},
                [page] { return stat_field(kResidentPages) * page; });
  metrics.gauge("process_virtual_memory_bytes", "Address space that is taken.", {},
                [] { return stat_field(kVirtualBytes); });
  metrics.counter("process_cpu_seconds_total", "CPU time that was taken, in user and system mode.", {}, cpu_seconds);
  metrics.gauge("process_open_fds", "Files and connections that are open.", {}, open_files);
  metrics.gauge("process_max_fds", "How many files may be open.", {}, most_files);
  metrics.gauge("process_threads", "Threads.", {}, [] { return stat_field(kThreads); });
  metrics.gauge("process_start_time_seconds", "When the process began, seconds since 1970.", {},
                [start = start_time()] { return start; });
}

}  // namespace saker::serve
