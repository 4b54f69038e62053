// The flags of `saker quantize`.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "detector_flags.h"
#include "model/onnx/exporter.h"
#include "quantize/quantize.h"

namespace saker::cli {

struct QuantizeFlags : DetectorFlags {
  std::string folder, out, eval, report, preset = "mixed", activations, format = "qdq", observer;
  std::vector<std::string> keep_float;
  DatasetOptions reading;  // of `eval`
  std::int64_t subset = 300;
  std::uint64_t seed = 0;
  double max_drop = -1;  // not given
  bool no_bias_correction = false, force = false;
};

void add_quantize_flags(CLI::App& app, QuantizeFlags& flags);

// What is wrong with them together or with the paths; settles what depends on other flags.
Status check_flags(QuantizeFlags& flags);
// Whether the files could be written.
Status check_outputs(const QuantizeFlags& flags);

QuantizeOptions options_of(const QuantizeFlags& flags);
onnx::ExportForm export_form(const QuantizeFlags& flags);

}  // namespace saker::cli
