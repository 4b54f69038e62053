// What quantizing does to each layer, as one HTML page or as JSON.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quantize/probe.h"
#include "quantize/quantize.h"

namespace saker::cli {

struct Accuracy {
  std::size_t pictures = 0;
  double full = 0, int8 = 0;  // AP of the float and of the 8-bit model
};

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

// .html or .json, by the path.
Status write_layer_report(const LayerReport& report, const std::string& path);

}  // namespace saker::cli
