// The float graph with QuantizeLinear and DequantizeLinear at its points and 8-bit weights: what is written as ONNX.
#pragma once

#include <saker/result.h>

#include "passes/int8/quantization.h"
#include "quantize/calibrate.h"
#include "quantize/points.h"

namespace saker {

struct RewriteOptions {
  bool correct_bias = true;
  bool everywhere = false;  // movements of bytes, 8 bits inside SiLU too; points that meet share their scale
  int weight_bits = 8;
};

struct CalibratedPoint {
  Quantization scales;
  const PointStatistics* statistics = nullptr;  // null: biases are not corrected
};

// `calibrated`: one for each point; `moments`: for each convolution, may be null.
//
// A convolution of x (scales s of its channels) by w becomes DequantizeLinear(x) * (DequantizeLinear(q) * (1 / s)),
// where q = round(w * s / t), of options.weight_bits bits, and t is the scale of each output channel. Error kInvalid:
// weights that are not finite.
Result<Graph> quantize_graph(const Graph& graph, const Points& points, const std::vector<CalibratedPoint>& calibrated,
                             const std::vector<const InputMoments*>& moments, const RewriteOptions& options);

}  // namespace saker
