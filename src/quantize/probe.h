// How far a graph of quantized layers is from the float one it was made of, layer by layer.
#pragma once

#include <saker/result.h>

#include <memory>
#include <vector>

#include "quantize/calibrate.h"
#include "quantize/points.h"

namespace saker {

enum class ProbedLayers : std::uint8_t { kLast, kAll };

// Samples of what the float graph's convolutions compute, on some pictures.
class Probe {
 public:
  // The first `count` of the pictures. Error kInvalid: values that are not finite.
  static Result<Probe> create(const Graph& graph, const Points& points, ProbedLayers layers,
                              const PictureFeed& pictures, std::size_t count, int threads);

  // Convolutions behind which there is none: what the model's decoding reads. Indices into points.convs.
  const std::vector<std::size_t>& last() const { return last_; }

  // Mean squared error of what these convolutions compute in `graph`, relative to the variance of each channel there,
  // where the float model's values are highest: objects are few, and what is said of the background hardly matters.
  // `graph`: of Quantizer, whose values are the float graph's. `convs`: of those probed.
  Result<std::vector<double>> errors(const Graph& graph, const std::vector<std::size_t>& convs) const;
  // The mean of errors(graph, last()).
  Result<double> error(const Graph& graph) const;

 private:
  struct Samples {  // of a channel
    std::vector<std::int32_t> positions;
    std::vector<float> values;
    double variance = 0;  // of all its values
  };
  static Result<std::vector<Samples>> sample(const TensorView& picture);
  std::vector<ValueId> values_of(const std::vector<std::size_t>& convs) const;

  std::vector<ValueId> values_;  // results of the convolutions
  std::vector<std::size_t> last_;
  PictureFeed pictures_;
  int threads_ = 1;
  std::vector<std::vector<std::vector<Samples>>> expected_;  // [picture][convolution][channel]
};

// What quantizing one convolution alone does.
struct LayerSensitivity {
  double own = 0;   // error of what it computes
  double last = 0;  // error of what the last convolutions compute
};

class Quantizer;

// For each of quantizer.points().convs, all of them probed. One run of the float graph with one layer in 8 bits for
// each, and picture.
Result<std::vector<LayerSensitivity>> measure_sensitivity(
    const Quantizer& quantizer, const Probe& probe,
    const std::function<void(std::size_t done, std::size_t total)>& progress);

}  // namespace saker
