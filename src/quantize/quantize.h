// Post-training quantization: a float graph and pictures in, a graph of 8-bit layers out, as ONNX knows them.
// Before: model/ and the passes up to recognise_activations. After: model/onnx/exporter.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "quantize/observer.h"
#include "quantize/points.h"

namespace saker {

enum class ActivationScales : std::uint8_t {
  kPerChannel,  // one for each channel, folded into the weights that read it: free in saker, and far more accurate
  kPerTensor,   // one for all: what other engines run fast
};

struct QuantizeOptions {
  ActivationScales activations = ActivationScales::kPerChannel;
  bool symmetric = false;  // activations too (preset performance), else only weights (mixed)
  Observer observer = Observer::kMinMax;
  bool correct_bias = true;
  std::function<bool(const Node&)> keep_float;  // convolutions to leave alone; empty: none
  int threads = 1;
};

// The pictures, any number of times in the same order.
struct PictureFeed {
  std::size_t count = 0;
  std::function<Status(std::size_t i, Tensor& input, ThreadPool& pool)> fill;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

struct Quantized {
  Graph graph;
  Points points;
};

// Error kInvalid: the graph is quantized already, or has nothing to quantize.
Status check_float(const Graph& graph);

// `graph` as find_points takes it. Errors: those of check_float; what pictures and weights give rise to.
Result<Quantized> quantize(const Graph& graph, const QuantizeOptions& options, const PictureFeed& pictures);

// The model's graph at these input shapes, as quantize takes it.
Result<Graph> prepare_float_graph(const Graph& model, std::span<const Shape> shapes);

}  // namespace saker
