// What quantizing does to each layer, as one HTML page or as JSON.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quantize/accuracy.h"

namespace saker::cli {

struct LayerReport {
  std::string model;
  std::size_t pictures = 0;  // calibrated with
  const Quantizer* quantizer = nullptr;
  std::vector<LayerSensitivity> layers;               // of quantizer->points().convs
  std::vector<bool> in_float;                         // parallel
  std::optional<Accuracy> accuracy;                   // with --eval
  std::vector<std::pair<std::size_t, double>> costs;  // layer, AP
  double float_ms = 0, int8_ms = 0;
};

// "--report": .html or .json.
Status check_report_name(const std::string& path);
Status write_layer_report(const LayerReport& report, const std::string& path);

}  // namespace saker::cli
