// Post-training quantization: a float graph and pictures in, a graph of 8-bit layers out, as ONNX knows them.
// Before: model/ and the portable passes. After: model/onnx/exporter.
#pragma once

#include <saker/result.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "passes/int8/quantization.h"
#include "quantize/calibrate.h"
#include "quantize/observer.h"
#include "quantize/points.h"

namespace saker {

enum class ActivationScales : std::uint8_t {
  kPerChannel,  // one for each channel, folded into the weights that read it: free in saker, and far more accurate
  kPerTensor,   // one for all: what other engines run fast
};

struct QuantizeOptions {
  ActivationScales activations = ActivationScales::kPerChannel;
  bool symmetric = false;            // activations too (preset performance), else only weights (mixed)
  std::optional<Observer> observer;  // none: min-max of channels; of tensors, what is best on some of the pictures
  bool correct_bias = true;
  // 7: any two products of a byte and a weight fit 16 bits, as other engines add them on CPUs without VNNI.
  int weight_bits = 8;
  std::function<bool(const Node&)> keep_float;  // convolutions to leave alone; empty: none
  int threads = 1;
};

// How often the pictures are shown.
int rounds_of(const QuantizeOptions& options);

struct Quantized {
  Graph graph;
  Points points;
};

// Error kInvalid: the graph is quantized already, or has nothing to quantize.
Status check_float(const Graph& graph);

// A float graph that was shown its pictures: from it graphs with more or fewer layers in 8 bits.
class Quantizer {
 public:
  // `graph` as find_points takes it. Errors: those of check_float; what pictures give rise to.
  static Result<Quantizer> create(const Graph& graph, const QuantizeOptions& options, const PictureFeed& pictures);

  const Graph& graph() const { return graph_; }
  const QuantizeOptions& options() const { return options_; }
  const Points& points() const { return points_; }  // all there are
  const std::vector<PointStatistics>& statistics() const { return calibration_.statistics; }
  const std::vector<Quantization>& scales() const { return scales_; }
  // Its graphs take any number of pictures at a time (passes/open_batch.h); else why only one.
  const std::string& why_one_picture() const { return why_one_picture_; }

  // `in_float`: for each of points().convs, whether it stays float; empty: none does. Error kInvalid: weights that are
  // not finite.
  Result<Quantized> run(const std::vector<bool>& in_float = {}) const;

 private:
  PointDensity density() const;
  std::vector<Quantization> choose_scales(Observer observer) const;
  void set_scale_of_pictures(std::vector<Quantization>& scales) const;

  Graph graph_;
  QuantizeOptions options_;
  Points points_;
  Calibration calibration_;
  std::vector<Quantization> scales_;  // one for each point
  std::string why_one_picture_;       // empty: any number
  ValueId pictures_ = kNoValue;       // the input that takes them
  std::vector<ValueRange> reach_;     // PictureFeed::reach
};

// Quantizer in one step.
Result<Quantized> quantize(const Graph& graph, const QuantizeOptions& options, const PictureFeed& pictures);

// The model's graph at these input shapes, as quantize takes it.
Result<Graph> prepare_float_graph(const Graph& model, std::span<const Shape> shapes);

}  // namespace saker
