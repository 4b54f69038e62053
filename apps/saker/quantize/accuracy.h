// mAP while quantizing, and the layers that go back to float until it is high enough.
#pragma once

#include <saker/model.h>

#include <string>
#include <vector>

#include "data/dataset.h"
#include "detector_flags.h"
#include "model/onnx/exporter.h"
#include "quantize/probe.h"
#include "quantize/quantize.h"

namespace saker::cli {

class Evaluator {
 public:
  // `data`: as saker eval takes it. `flags`: how models are fed and read.
  static Result<Evaluator> create(const DetectorFlags& flags, const std::string& data, onnx::ExportForm form);

  std::size_t pictures() const { return dataset_.pictures.size(); }
  // AP .50:.95, as saker eval measures it, 0..1.
  Result<double> ap(const Model& model) const;
  Result<double> ap(const Graph& graph) const;

 private:
  DetectorFlags flags_;
  onnx::ExportForm form_ = onnx::ExportForm::kQdq;  // that graphs are written in
  Dataset dataset_;
};

struct Accuracy {
  std::size_t pictures = 0;
  double full = 0, int8 = 0;  // AP of the float and of the 8-bit model
};

// Layers by the error that they bring about in the last ones, the worst first.
std::vector<std::size_t> worst_first(const std::vector<LayerSensitivity>& layers);

// Layers that go back to float.
struct Reverted {
  Quantized quantized;
  std::vector<bool> in_float;  // for each of quantizer.points().convs
  std::size_t count = 0;
  double ap = 0;
};

// As few of the worst layers as bring AP to `least`: twice as many each time, then halving the difference. Error
// kUnsupported: no layer may stay in 8 bits.
Result<Reverted> revert_worst(const Quantizer& quantizer, const std::vector<LayerSensitivity>& layers,
                              const Evaluator& evaluator, double least, bool quiet);

// What each of the `worst` layers costs: AP with that one in float, less `ap`. Parallel to `worst`.
Result<std::vector<double>> measure_costs(const Quantizer& quantizer, const std::vector<bool>& in_float,
                                          const std::vector<std::size_t>& worst, const Evaluator& evaluator, double ap);

}  // namespace saker::cli
