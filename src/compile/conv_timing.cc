// How long the methods of a convolution take, measured as they run in a network.
//
// A layer that is run again and again finds its weights in L1 or L2; in a network the other layers have pushed them
// out. So the timed plan is a network of copies of the layer, each with packed weights of its own, of more bytes than
// L2 has. They read one input, which a copying step has just written in the order the layer wants (as the layer
// before it would have), and write to one place of the arena. Only the steps of the layer count, and the copying one
// where another method does without (the first layer, which may read the picture as it is). All that lies in memory is
// float32, of methods in bfloat16 too.
#include "compile/conv_timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/clock.h"
#include "base/statistics.h"
#include "base/try.h"
#include "kernels/table.h"
#include "plan/conv_key.h"
#include "runtime/executor.h"

namespace saker {
namespace {

constexpr double kColdBytes = 8 << 20;  // L2 is 4 MB at most today (Arm Neoverse V2 2, Apple 4 a core, x86 2)
constexpr double kCyclesPerMs = 3e6;    // for estimates only
constexpr double kRunMs = 8;            // one run of all copies, where that leaves two of them
constexpr int kMinCopies = 2, kMaxCopies = 64;
constexpr int kMinRounds = 5, kMaxRounds = 50;

int copies_of(const ConvNode& layer, double estimated_ms) {
  const ConvShape& s = layer.shape;
  const double bytes = 4.0 * static_cast<double>(s.in_c * s.out_c) * static_cast<double>(s.taps() * layer.groups);
  const double copies = std::min(kColdBytes / bytes, kRunMs / estimated_ms);
  return static_cast<int>(std::clamp<double>(std::ceil(copies), kMinCopies, kMaxCopies));
}

Result<Tensor> random_values(Shape shape, float range) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, std::move(shape)));
  std::minstd_rand engine;
  std::uniform_real_distribution<float> any(-range, range);
  std::generate_n(tensor.data<float>(), tensor.elements(), [&] { return any(engine); });
  return tensor;
}

ConvAttrs attributes(const ConvNode& layer) {
  const ConvShape& s = layer.shape;
  ConvAttrs attrs;
  attrs.window.kernel = {s.kernel_h, s.kernel_w};
  attrs.window.strides = {s.stride_h, s.stride_w};
  attrs.window.dilations = {s.dilation_h, s.dilation_w};
  // What fills the output's last row and column, on the sides that a key does not tell.
  const auto after = [](std::int64_t out, std::int64_t in, std::int64_t kernel, std::int64_t stride,
                        std::int64_t dilation, std::int64_t before) {
    return std::max<std::int64_t>((out - 1) * stride + dilation * (kernel - 1) + 1 - in - before, 0);
  };
  attrs.window.pads = {s.pad_top, s.pad_left, after(s.out_h, s.in_h, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top),
                       after(s.out_w, s.in_w, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left)};
  attrs.group = layer.groups;
  attrs.activation = layer.activation;
  return attrs;
}

// One input, read by `copies` convolutions, of which the last one's result is the output.
Result<Graph> network(const ConvNode& layer, int copies) {
  const ConvShape& s = layer.shape;
  Graph graph;
  const ValueId x = graph.add_value("x", DType::kFloat32);
  graph.value(x).shape = {s.batch, s.in_c * layer.groups, s.in_h, s.in_w};
  graph.inputs = {x};
  const auto terms = static_cast<float>(s.in_c * s.taps());
  SAKER_ASSIGN(Tensor weights,  // variance 1 in, variance 1 out
               random_values({s.out_c * layer.groups, s.in_c, s.kernel_h, s.kernel_w}, std::sqrt(3 / terms)));
  SAKER_ASSIGN(Tensor bias, random_values({s.out_c * layer.groups}, 1));
  const ValueId w = graph.add_constant("w", std::move(weights));
  const ValueId b = graph.add_constant("b", std::move(bias));
  for (int i = 0; i < copies; ++i) {
    const ValueId y = graph.add_value("y", DType::kFloat32);
    graph.value(y).shape = {s.batch, s.out_c * layer.groups, s.out_h, s.out_w};
    graph.nodes.push_back({Op::kConv, "layer", {x, w, b}, {y}, attributes(layer)});
    graph.outputs = {y};
  }
  return graph;
}

// One method, ready to run.
struct Candidate {
  ConvTiming timing;
  std::unique_ptr<Executor> executor;
  bool copies = false, count_copy = false;

  static bool is_layer(const Step& step) { return step.name == "layer"; }
  Status run(bool timed) {
    std::vector<double> step_ms, layer_ms;
    double copy_ms = 0;
    SAKER_TRY(executor->run(&step_ms));
    for (std::size_t i = 0; i < step_ms.size(); ++i) {
      if (is_layer(executor->plan()->steps[i])) {
        layer_ms.push_back(step_ms[i]);
      } else {
        copy_ms += step_ms[i];
      }
    }
    if (timed) timing.round_ms.push_back(median(std::move(layer_ms)) + (count_copy ? copy_ms : 0));
    return {};
  }
};

Result<Candidate> candidate(const Graph& graph, const std::string& key, const ConvMethod& method,
                            const PlanOptions& options) {
  PlanOptions own = options;
  own.conv_methods = {{key, method.name}};
  SAKER_ASSIGN(Plan plan, make_plan(graph, {"y"}, own));
  Candidate result;
  result.timing.method = &method;
  for (const Step& step : plan.steps) {
    result.copies = result.copies || !Candidate::is_layer(step);
    if (Candidate::is_layer(step) && step.method != &method)
      return Error{ErrorCode::kUnsupported, fmt::format("{}: it runs as {}, not as {}", key, step.kernel, method.name)};
  }
  SAKER_ASSIGN(result.executor, Executor::create(std::make_shared<Plan>(std::move(plan))));
  Tensor& input = result.executor->input(0);
  SAKER_ASSIGN(const Tensor values, random_values(input.shape(), 1));
  std::copy_n(values.data<float>(), values.elements(), input.data<float>());
  return result;
}

}  // namespace

double ConvTiming::ms() const {
  return median(round_ms);
}

Result<std::vector<ConvTiming>> time_conv_methods(const ConvNode& layer, std::span<const ConvMethod* const> methods,
                                                  const PlanOptions& options, double ms) {
  const double cycles = choose_conv_method(options, layer)->cost(kernels_for(options.isa), layer);
  SAKER_ASSIGN(const Graph graph, network(layer, copies_of(layer, cycles / kCyclesPerMs)));
  std::vector<Candidate> candidates;
  for (const ConvMethod* method : methods) {
    SAKER_ASSIGN(candidates.emplace_back(), candidate(graph, conv_key(layer), *method, options));
  }
  const bool all_copy = std::ranges::all_of(candidates, &Candidate::copies);
  for (Candidate& own : candidates) own.count_copy = own.copies && !all_copy;
  const Stopwatch watch;
  for (Candidate& own : candidates) SAKER_TRY(own.run(false));  // pages and caches
  const double rounds = ms * static_cast<double>(candidates.size()) / std::max(watch.ms(), 1e-3);
  for (int round = std::clamp(static_cast<int>(rounds), kMinRounds, kMaxRounds); round > 0; --round) {
    for (Candidate& own : candidates) SAKER_TRY(own.run(true));
  }
  std::vector<ConvTiming> timings;
  for (Candidate& own : candidates) timings.push_back(std::move(own.timing));
  return timings;
}

}  // namespace saker
