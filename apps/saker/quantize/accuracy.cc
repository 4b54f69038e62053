#include "quantize/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "base/try.h"
#include "eval/evaluation.h"
#include "eval_run.h"
#include "model/onnx/exporter.h"
#include "report.h"

namespace saker::cli {

Result<Evaluator> Evaluator::create(const DetectorFlags& flags, const std::string& data, onnx::ExportForm form) {
  Evaluator evaluator;
  evaluator.flags_ = flags;
  evaluator.form_ = form;
  evaluator.flags_.quiet = true;
  set_eval_defaults(evaluator.flags_);
  DatasetOptions reading;
  reading.need_pictures = true;
  SAKER_ASSIGN(evaluator.dataset_, read_dataset(data, reading));
  return evaluator;
}

Result<double> Evaluator::ap(const Model& model) const {
  DetectorFlags flags = flags_;
  flags.loaded = model;
  SAKER_ASSIGN(const ModelBoxes model_boxes, find_boxes(flags, dataset_, false));
  return average_precision(dataset_, model_boxes.found, flags.threads);
}

Result<double> Evaluator::ap(const Graph& graph) const {
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(graph, form_));
  SAKER_ASSIGN(const Model model, Model::parse(std::as_bytes(std::span(bytes)), flags_.model));
  return ap(model);
}

std::vector<std::size_t> worst_first(const std::vector<LayerSensitivity>& layers) {
  std::vector<std::size_t> order(layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return layers[a].last > layers[b].last; });
  return order;
}

Result<Reverted> revert_worst(const Quantizer& quantizer, const std::vector<LayerSensitivity>& layers,
                              const Evaluator& evaluator, double least, bool quiet) {
  const std::vector<std::size_t> order = worst_first(layers);
  const auto attempt = [&](std::size_t count) -> Result<Reverted> {
    Reverted reverted;
    reverted.count = count;
    reverted.in_float.assign(layers.size(), false);
    for (std::size_t i = 0; i < count; ++i) reverted.in_float[order[i]] = true;
    SAKER_ASSIGN(reverted.quantized, quantizer.run(reverted.in_float));
    SAKER_ASSIGN(reverted.ap, evaluator.ap(reverted.quantized.graph));
    if (!quiet) say(fmt::format("{} of {} layers in float: AP {:.4f}", count, layers.size(), reverted.ap));
    return reverted;
  };
  std::size_t too_few = 0;
  Reverted best;
  while (best.count == 0) {
    if (too_few + 1 >= layers.size())
      return Error{ErrorCode::kUnsupported,
                   fmt::format("--max-drop: AP {:.4f} is not reached with any layer in 8 bits; allow more", least)};
    const std::size_t count = std::min(std::max<std::size_t>(2 * too_few, 1), layers.size() - 1);
    SAKER_ASSIGN(Reverted reverted, attempt(count));
    if (reverted.ap >= least) {
      best = std::move(reverted);
    } else {
      too_few = count;
    }
  }
  while (best.count > too_few + 1) {
    const std::size_t middle = (too_few + best.count) / 2;
    SAKER_ASSIGN(Reverted reverted, attempt(middle));
    if (reverted.ap >= least) {
      best = std::move(reverted);
    } else {
      too_few = middle;
    }
  }
  return best;
}

Result<std::vector<double>> measure_costs(const Quantizer& quantizer, const std::vector<bool>& in_float,
                                          const std::vector<std::size_t>& worst, const Evaluator& evaluator,
                                          double ap) {
  std::vector<double> costs;
  for (const std::size_t layer : worst) {
    std::vector<bool> without = in_float;
    without[layer] = true;
    SAKER_ASSIGN(const Quantized quantized, quantizer.run(without));
    SAKER_ASSIGN(const double own, evaluator.ap(quantized.graph));
    costs.push_back(own - ap);
  }
  return costs;
}

}  // namespace saker::cli
