// What kernel_lab measured, as a table and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "compile/conv_timing.h"
#include "measure/peak.h"

namespace saker::lab {

struct LayerResult {
  std::string key;
  std::vector<std::pair<std::string, int>> models;  // of which shape file, how often
  double flops = 0;                                 // of the definition, whatever the method really computes
  std::vector<ConvTiming> timings;
  std::vector<double> estimates;     // the cost model's, in cycles, of each
  const ConvMethod* pick = nullptr;  // the planner's

  const ConvTiming& best() const;
  const ConvTiming& picked() const;
  double behind() const;  // the median over the rounds of how much longer the pick takes than the best: 0.1 is 10 %
};

struct LabReport {
  Isa isa = Isa::kBaseline;
  int threads = 1;
  std::vector<Peak> peaks;
  std::vector<LayerResult> layers;
};

std::string lab_text(const LabReport& report);
nlohmann::ordered_json lab_json(const LabReport& report);

// Lines about the picks that are more than `tolerance` behind.
std::vector<std::string> wrong_picks(const LabReport& report, double tolerance);

}  // namespace saker::lab
