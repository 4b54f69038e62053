// Small graphs for the tests of passes, plan and runtime: a builder, nets that resemble the parts of
// YOLO, their results by the reference evaluators, and how far float32 kernels may be from these.
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "graph/builder.h"

namespace saker {

Tensor make_tensor(Shape shape, const std::vector<float>& values);
Tensor make_ints(const std::vector<std::int64_t>& values);
// Uniform in [low, high), the same for the same seed.
Tensor random_tensor(Shape shape, std::uint32_t seed, float low = -1, float high = 1);

// Networks of random weights. A fault of the test aborts.
class GraphBuilder : public NetworkBuilder {
 public:
  ValueId random(Shape shape, float low = -1, float high = 1) {
    return constant(random_tensor(shape, seed_++, low, high));
  }

  struct ConvOptions {
    std::int64_t kernel = 1, stride = 1, group = 1;
    bool bias = true;
    std::int64_t pad = -1;  // -1: kernel / 2
  };
  ValueId conv(ValueId x, std::int64_t channels, const ConvOptions& options);
  ValueId conv(ValueId x, std::int64_t channels) { return conv(x, channels, ConvOptions()); }
  ValueId conv_silu(ValueId x, std::int64_t channels, std::int64_t kernel = 1, std::int64_t stride = 1);
  ValueId batch_norm(ValueId x);

  Graph& graph();
  const Shape& shape(ValueId id) { return *graph().value(id).shape; }

 private:
  std::uint32_t seed_ = 1;
};

struct Net {
  std::string name;
  Graph graph;
};
std::vector<Net> yolo_parts(std::int64_t batch);

// Numbers for each input of the graph.
std::vector<Tensor> random_inputs(const Graph& graph, std::uint32_t seed);

// The graph's outputs by the reference evaluators. A node that fails is a fault of the test.
std::vector<Tensor> evaluate_graph(const Graph& graph, const std::vector<Tensor>& inputs);

// For each output, how far a float32 computation of it may be from the exact value, element by element.
std::vector<Tensor> error_bounds(const Graph& graph, const std::vector<Tensor>& inputs);

// Empty if every output is the expected one within twice its bound (both sides round), else where it is not.
std::string compare_outputs(const std::vector<Tensor>& got, const std::vector<Tensor>& expected,
                            const std::vector<Tensor>& bounds);

}  // namespace saker
