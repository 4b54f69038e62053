// The flags of `saker quantize`.
#pragma once

#include <string>
#include <vector>

#include "quantize/calibration.h"
#include "quantize/quantize.h"

namespace saker::cli {

struct QuantizeFlags : CalibrationFlags {
  std::string report, json, preset = "mixed", activations, format = "qdq", observer;
  std::vector<std::string> keep_float;
  bool no_bias_correction = false;
  int weight_bits = 8;
};

void add_quantize_flags(CLI::App& app, QuantizeFlags& flags);

// What is wrong with them together or with the paths; settles what depends on other flags.
Status check_flags(QuantizeFlags& flags);
// Whether the files could be written.
Status check_outputs(const QuantizeFlags& flags);

QuantizeOptions options_of(const QuantizeFlags& flags);
onnx::ExportForm export_form(const QuantizeFlags& flags);

}  // namespace saker::cli
