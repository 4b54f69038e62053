// What `saker bench` found out, as JSON and as a document.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "measure/machine.h"
#include "measure/runner.h"
#include "report/document.h"

namespace saker {

// How results[own] compares with results[reference].
struct ResultRatio {
  std::size_t own = 0, reference = 0;
  SpeedComparison comparison;
};

struct BenchReport {
  Json machine;
  MeasureOptions options;
  std::map<std::string, std::string> versions;  // of the engines
  std::vector<Measured> results;
  std::vector<ResultRatio> ratios;
};

// Within each model: every other engine against saker (or the first engine) with the same threads, streams, batch and
// precision; and that engine's other configurations against its first. Failed ones have no ratio.
std::vector<ResultRatio> ratios_by_engine(const std::vector<Measured>& results);
// Everything against the first that did not fail.
std::vector<ResultRatio> ratios_to_first(const std::vector<Measured>& results);

bool any_failed(const std::vector<Measured>& results);
bool all_failed(const std::vector<Measured>& results);

// {"machine": {..}, "results": [..], "ratios": [..]}; figures of what failed are null.
Json bench_json(const BenchReport& report);
Json result_json(const BenchReport& report, const Measured& measured);

// The files, each once, in their order.
std::vector<std::string> models_of(const std::vector<Measured>& results);

// "saker, 2 threads", and whatever else tells results[i] from the others.
std::string result_name(const std::vector<Measured>& results, std::size_t i);

// Title, machine and warnings, without sections.
Document empty_document(const BenchReport& report, const std::string& title);
Document bench_document(const BenchReport& report, bool plots);
Section ratio_section(const BenchReport& report);
Section failures_section(const BenchReport& report);
Section memory_section(const BenchReport& report);

}  // namespace saker
