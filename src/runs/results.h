// What the columns of a results.csv are called by the tool that wrote it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runs/run_folder.h"

namespace saker::runs {

constexpr std::string_view kResultsFile = "results.csv";

enum class Metric { kPrecision, kRecall, kMap50, kMap50_95 };
constexpr std::array<std::string_view, 4> kMetricNames = {"precision", "recall", "mAP50", "mAP50-95"};
// As Ultralytics writes it for boxes.
std::string metric_column(Metric metric);

std::optional<std::size_t> find_column(const Results& results, std::string_view name);
// Under the name that Ultralytics or YOLOv5 gives it.
std::optional<std::size_t> find_metric(const Results& results, Metric metric);
// The columns "train/..." or "val/...", in their order; the first kMostLosses of them.
constexpr std::size_t kMostLosses = 16;
std::vector<std::size_t> columns_of(const Results& results, std::string_view group);
// Of the groups of parameters whose rate is not the biases' own, which is far higher while they warm up; NaN: none.
double learning_rate(const Results& results, const std::vector<double>& row);

std::vector<double> values_of(const Results& results, std::size_t column);

}  // namespace saker::runs
