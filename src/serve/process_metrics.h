// What Prometheus' clients tell of a process: memory, CPU time, open files, when it began.
#pragma once

#include "serve/metrics.h"

namespace saker::serve {

// process_resident_memory_bytes, process_virtual_memory_bytes, process_cpu_seconds_total, process_open_fds,
// process_max_fds, process_threads and process_start_time_seconds, from Linux' /proc; NaN where it cannot be read.
void add_process_metrics(MetricRegistry& metrics);

}  // namespace saker::serve
