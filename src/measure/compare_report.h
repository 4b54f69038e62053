// What `saker compare` found out: speed, size and memory side by side with accuracy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure/bench_report.h"

namespace saker {

struct ModelAccuracy {
  std::optional<double> map50_95, map50;  // 0..1
  std::string error;                      // not empty: why there is none
};

// Whether the two have the same boxes: they differ in threads, streams or batch only.
bool same_boxes(const Measured& a, const Measured& b);

// `accuracy`: of each result; nothing when none was asked for.
Document compare_document(const BenchReport& report, const std::vector<ModelAccuracy>& accuracy, bool plots);
Json compare_json(const BenchReport& report, const std::vector<ModelAccuracy>& accuracy);

}  // namespace saker
