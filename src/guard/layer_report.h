// What quantizing does to each layer, as JSON or as one HTML page.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guard/agreement.h"
#include "guard/finding.h"
#include "quantize/probe.h"
#include "quantize/quantize.h"
#include "report/document.h"
#include "report/json.h"

namespace saker {

// AP .50:.95 of the float and of the 8-bit model.
struct Accuracy {
  std::size_t pictures = 0;
  double full = 0, int8 = 0;  // -1: there is nothing to find
};

// Refuses where the float model's leaves nothing to lose: equal figures would say nothing then.
Findings check_accuracy(const Accuracy& accuracy);

struct LayerReport {
  std::string model;
  std::size_t pictures = 0;  // calibrated with
  const Quantizer* quantizer = nullptr;
  std::vector<LayerSensitivity> layers;               // of quantizer->points().convs
  std::vector<bool> in_float;                         // parallel
  std::optional<Accuracy> accuracy;                   // if it was measured
  std::vector<std::pair<std::size_t, double>> costs;  // layer, AP
  Agreement agreement;
};

Json as_json(const LayerReport& report);
Document as_document(const LayerReport& report);

}  // namespace saker
