// What `saker memory` found out.
#pragma once

#include "measure/bench_report.h"

namespace saker {

Document memory_document(const BenchReport& report);
Json memory_json(const BenchReport& report);

}  // namespace saker
