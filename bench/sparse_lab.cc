// sparse_lab MODEL [--threads 1] [--isa LEVEL] [--size N] [--rounds 30]: every convolution with many zeros dense and
// sparse, measured as a step of the whole network, beside the planner's estimate and what it took.
#include <fmt/format.h>
#include <saker/model.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

#include "api/input_shapes.h"
#include "api/internals.h"
#include "base/statistics.h"
#include "base/try.h"
#include "kernels/table.h"
#include "passes/pipeline.h"
#include "plan/conv_key.h"
#include "plan/conv_method.h"
#include "runtime/executor.h"

namespace saker::lab {
namespace {

struct LabFlags {
  std::string model, isa;
  int threads = 1, size = 0, rounds = 30;
};

struct Layer {
  std::string node, key;
  ConvNode conv;
  const ConvMethod* dense = nullptr;  // the best one
  const ConvMethod* sparse = nullptr;
  double estimate = 0;  // how many times as fast the sparse one should be
  std::vector<double> dense_ms, sparse_ms;
};

bool is_sparse(const ConvMethod& method) {
  return &method == &kConvSparse || &method == &kConvInt8Sparse;
}

Result<Graph> prepared(const LabFlags& flags) {
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  SAKER_ASSIGN(const ChosenShapes chosen, choose_shapes(model, {flags.size, flags.size, 1}));
  Graph graph = *graph_of(model);
  SAKER_TRY(bind_input_shapes(graph, chosen.shapes));
  SAKER_TRY(run_passes(graph, all_passes()));
  return graph;
}

Result<std::vector<Layer>> sparse_layers(const Graph& graph, const PlanOptions& options) {
  const Kernels kernels = kernels_for(options.isa);
  std::vector<Layer> layers;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv && node.op != Op::kConvInt8) continue;
    Layer layer;
    layer.node = node.name;
    SAKER_ASSIGN(const std::string reason, describe_conv(graph, node, layer.conv));
    if (!reason.empty() || !layer.conv.is_sparse()) continue;
    layer.key = conv_key(layer.conv);
    for (const ConvMethod* method : usable_conv_methods(options, layer.conv)) {
      const ConvMethod*& best = is_sparse(*method) ? layer.sparse : layer.dense;
      if (best == nullptr || method->cost(kernels, layer.conv) < best->cost(kernels, layer.conv)) best = method;
    }
    if (layer.sparse == nullptr || layer.dense == nullptr) continue;
    layer.estimate = layer.dense->cost(kernels, layer.conv) / layer.sparse->cost(kernels, layer.conv);
    layers.push_back(std::move(layer));
  }
  return layers;
}

Result<std::unique_ptr<Executor>> executor_of(const Graph& graph, PlanOptions options, const std::vector<Layer>& layers,
                                              bool sparse) {
  for (const Layer& layer : layers) options.conv_methods[layer.key] = (sparse ? layer.sparse : layer.dense)->name;
  SAKER_ASSIGN(Plan plan, make_plan(graph, std::vector<std::string>(graph.outputs.size(), "out"), options));
  SAKER_ASSIGN(auto executor, Executor::create(std::make_shared<Plan>(std::move(plan))));
  std::minstd_rand engine;
  Tensor& input = executor->input(0);
  if (input.dtype() == DType::kFloat32) {
    std::uniform_real_distribution<float> any(0, 1);
    std::generate_n(input.data<float>(), input.elements(), [&] { return any(engine); });
  }
  SAKER_TRY(executor->run());
  return executor;
}

Status add_round(Executor& executor, std::vector<Layer>& layers, std::vector<double> Layer::*ms) {
  std::vector<double> steps;
  SAKER_TRY(executor.run(&steps));
  std::map<std::string, double> by_node;
  for (std::size_t i = 0; i < steps.size(); ++i) by_node[executor.plan()->steps[i].name] += steps[i];
  for (Layer& layer : layers) (layer.*ms).push_back(by_node[layer.node]);
  return {};
}

void show(const std::vector<Layer>& layers) {
  fmt::print("{:>7} {:>9} {:>9} {:>6} {:>9} {:<7} {:>6}  layer\n", "zero %", "dense ms", "sparse ms", "gain",
             "estimate", "taken", "cost %");
  double dense = 0, sparse = 0, taken = 0, best = 0;
  for (const Layer& layer : layers) {
    const double a = median(layer.dense_ms), b = median(layer.sparse_ms);
    const double own = layer.estimate > 1 ? b : a;
    dense += a, sparse += b, taken += own, best += std::min(a, b);
    fmt::print("{:>7.1f} {:>9.3f} {:>9.3f} {:>6.2f} {:>9.2f} {:<7} {:>6.0f}  {}\n", 100 * layer.conv.sparse.zeros, a, b,
               a / b, layer.estimate, layer.estimate > 1 ? "sparse" : "dense", 100 * (own / std::min(a, b) - 1),
               layer.key);
  }
  fmt::print("dense {:.2f} ms, sparse {:.2f} ms, as the planner takes them {:.2f} ms, at best {:.2f} ms\n", dense,
             sparse, taken, best);
}

Status run(const LabFlags& flags) {
  PlanOptions options;
  SAKER_ASSIGN(options.isa, choose_isa(flags.isa));
  options.threads = flags.threads;
  SAKER_ASSIGN(const Graph graph, prepared(flags));
  SAKER_ASSIGN(std::vector<Layer> layers, sparse_layers(graph, options));
  if (layers.empty()) return Error{ErrorCode::kInvalid, flags.model + ": no convolution has many zeros"};
  SAKER_ASSIGN(const auto dense, executor_of(graph, options, layers, false));
  SAKER_ASSIGN(const auto sparse, executor_of(graph, options, layers, true));
  for (int i = 0; i < flags.rounds; ++i) {
    SAKER_TRY(add_round(*dense, layers, &Layer::dense_ms));
    SAKER_TRY(add_round(*sparse, layers, &Layer::sparse_ms));
  }
  show(layers);
  return {};
}

}  // namespace
}  // namespace saker::lab

int main(int argc, char** argv) {
  saker::lab::LabFlags flags;
  CLI::App app("every convolution with many zeros, dense and sparse, in its network", "sparse_lab");
  app.add_option("model", flags.model, "ONNX, OpenVINO IR, a checkpoint")->required();
  app.add_option("--threads", flags.threads);
  app.add_option("--isa", flags.isa);
  app.add_option("--size", flags.size, "of the input, where the model leaves it open");
  app.add_option("--rounds", flags.rounds);
  CLI11_PARSE(app, argc, argv);
  const saker::Status status = saker::lab::run(flags);
  if (!status.ok()) fmt::print(stderr, "sparse_lab: {}\n", status.error().message);
  return status.ok() ? 0 : 1;
}
