// ConvInt8 of one channel a group: channel by channel, or three taps at a time (kernels/depthwise_int8/).
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"

namespace saker {
namespace {

ConvShape shape_of_depthwise(const ConvNode& conv) {
  ConvShape shape = conv.shape;
  shape.in_c = shape.out_c = conv.groups;
  return shape;
}

Result<Int8Layer> pack_depthwise(Planner& planner, const ConvNode& conv, const ConvShape& shape) {
  const DepthwiseInt8Kernel& kernel = planner.kernels().depthwise_int8;
  Int8Layer packed;
  packed.padded = depthwise_int8_packed_channels(kernel, shape.out_c);
  packed.starts_size = conv_int8_start_sets(shape.kernel_h) * packed.padded;
  SAKER_ASSIGN(packed.weights, planner.weights(shape.taps() * packed.padded, [&](float* weights) {
    depthwise_int8_pack_weights(kernel, shape, conv.int8_weights, weights);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(packed.starts_size, [&](float* starts) {
    depthwise_int8_pack_starts(kernel, shape, conv.int8_weights, conv.zero_points.data(), starts);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, 1, packed));
  return packed;
}

double cost_of_depthwise(const Kernels& kernels, const ConvNode& conv) {
  const DepthwiseInt8Kernel& kernel = kernels.depthwise_int8;
  const std::int64_t vectors = depthwise_int8_packed_channels(kernel, conv.groups) / kernel.width;
  const double results = static_cast<double>(conv.shape.batch * conv.shape.pixels() * vectors);
  return results * (static_cast<double>(conv.shape.taps()) + kInt8FinishCycles + kActivationCycles);
}

std::string refusal_of_triples(const PlanOptions& options, const ConvNode& conv) {
  const DepthwiseTriplesKernel* kernel = kernels_for(options.isa).depthwise_triples;
  if (kernel == nullptr) return "the level has no dot product of bytes";
  if (std::string why = refusal_of_depthwise(conv); !why.empty()) return why;
  if (conv.shape.kernel_h * triples_of_row(conv.shape) > kMostTriples) return "its kernel is too large";
  if (conv.groups % kTriplesLane != 0) return fmt::format("it takes channels by {}", kTriplesLane);
  if (conv.shape.stride_w != 1 && conv.groups / kTriplesLane % (kernel->width / 4) != 0)
    return "so few channels of pixels that are apart would be read one by one";
  if (conv.int8->to != DType::kUint8) return "its results are floats";
  if (!conv.int8->residual_scale.empty()) return "it adds a residual";
  if (!conv.int8->table.empty()) return "its results are looked up";
  return "";
}

double cost_of_triples(const Kernels& kernels, const ConvNode& conv) {
  constexpr double kTripleCycles = 2;  // of a vector of results: 3 triples and no activation 12 (Emerald Rapids)
  const ConvShape& s = conv.shape;
  const double results = static_cast<double>(s.batch * s.pixels() * conv.groups) / kernels.depthwise_triples->width;
  const auto triples = static_cast<double>(s.kernel_h * triples_of_row(s));
  return results * (triples * kTripleCycles + kInt8FinishCycles + kActivationCycles);
}

// The step of either of the depthwise kernels.
void emit_depthwise(Planner& planner, const Node& node, const ConvNode& conv, const Int8Layer& packed,
                    const KernelName& kernel, double cycles, decltype(DepthwiseInt8Kernel::run) run) {
  const ConvShape shape = shape_of_depthwise(conv);
  const Int8Views views = open_int8_views(planner, node, packed, 1);
  const ConvInt8Args args = int8_args(planner, conv, shape, views, packed.padded);
  const std::int64_t jobs = jobs_of_rows(cycles, shape, planner.threads());
  emit_int8(planner, node, kernel, conv, views, {}, [=](RunContext& context) -> Status {
    const ConvInt8Args bound = start_int8(args, context, views, packed);
    context.pool().run(shape.batch * jobs, [&](std::int64_t job, int) {
      const std::int64_t part = job % jobs;
      run(bound, job / jobs, part * shape.out_h / jobs * shape.out_w, (part + 1) * shape.out_h / jobs * shape.out_w);
    });
    return {};
  });
}

Status lower_depthwise(Planner& planner, const Node& node, const ConvNode& conv) {
  SAKER_ASSIGN(const Int8Layer packed, pack_depthwise(planner, conv, shape_of_depthwise(conv)));
  const DepthwiseInt8Kernel& kernel = planner.kernels().depthwise_int8;
  emit_depthwise(planner, node, conv, packed, kernel.name, cost_of_depthwise(planner.kernels(), conv), kernel.run);
  return {};
}

Status lower_triples(Planner& planner, const Node& node, const ConvNode& conv) {
  const DepthwiseTriplesKernel& kernel = *planner.kernels().depthwise_triples;
  const ConvShape shape = shape_of_depthwise(conv);
  const std::vector<std::int64_t> order = depthwise_triples_order(kernel, conv.groups);
  Int8Layer packed;
  packed.padded = static_cast<std::int64_t>(order.size());
  packed.starts_size = conv_int8_start_sets(shape.kernel_h) * packed.padded;
  SAKER_ASSIGN(packed.weights, planner.weights(depthwise_triples_weights(shape, packed.padded), [&](float* weights) {
    depthwise_triples_pack_weights(kernel, shape, order, conv.int8_weights, weights);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(packed.starts_size, [&](float* starts) {
    depthwise_triples_pack_starts(shape, order, conv.int8_weights, conv.zero_points.data(), starts);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, 1, packed, order));
  emit_depthwise(planner, node, conv, packed, kernel.name, cost_of_triples(planner.kernels(), conv), kernel.run);
  return {};
}

}  // namespace

const ConvMethod kConvInt8Depthwise = {
    "int8_depthwise",
    Op::kConvInt8,
    [](const Kernels& kernels) { return kernels.depthwise_int8.name.text(); },
    [](const PlanOptions&, const ConvNode& conv) { return refusal_of_depthwise(conv); },
    cost_of_depthwise,
    lower_depthwise};
const ConvMethod kConvInt8Triples = {
    "int8_triples",
    Op::kConvInt8,
    [](const Kernels& kernels) { return name_of(kernels.depthwise_triples, "depthwise_int8_triples"); },
    refusal_of_triples,
    cost_of_triples,
    lower_triples};

}  // namespace saker
