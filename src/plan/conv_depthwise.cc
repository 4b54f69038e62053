// Conv with one input and one output channel a group.
#include <algorithm>

#include "base/check.h"
#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

std::string refusal(const PlanOptions&, const ConvNode& conv) {
  if (conv.has_coarse) return kNoCoarse;
  return refusal_of_depthwise(conv);
}

double cost(const Kernels& kernels, const ConvNode& conv) {
  const double vectors = static_cast<double>(depthwise_packed_channels(kernels.depthwise, conv.groups)) /
                         static_cast<double>(kernels.depthwise.width);
  const double results = static_cast<double>(conv.shape.batch * conv.shape.pixels()) * vectors;
  return results * (static_cast<double>(conv.shape.taps()) + kActivationCycles);
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const DepthwiseKernel& kernel = planner.kernels().depthwise;
  const std::int64_t channels = conv.groups;
  const std::int64_t padded = depthwise_packed_channels(kernel, channels);
  SAKER_ASSIGN(const auto weights, planner.weights(padded * conv.shape.taps(), [&](float* packed) {
    depthwise_pack_weights(kernel, channels, conv.shape.taps(), conv.weights, packed);
  }));
  SAKER_ASSIGN(const auto bias, planner.weights(padded, [&](float* packed) {
    depthwise_pack_bias(kernel, channels, conv.bias, packed);
  }));
  SAKER_ASSIGN(const auto zeros, zero_row(planner, padded));
  const ConvViews views = open_conv_views(planner, node);
  ConvBf16Args args = conv_bf16_args(conv, views);
  args.shape.in_c = args.shape.out_c = channels;
  SAKER_CHECK(args.src_bf16 == args.dst_bf16);
  if (args.src_bf16) args.src_at = picture_strides(views.src, 2);
  const DepthwiseBf16Kernel* bf16 = args.src_bf16 ? planner.kernels().depthwise_bf16 : nullptr;
  const std::int64_t jobs = jobs_of_rows(cost(planner.kernels(), conv), args.shape, planner.threads());
  const KernelName& name = bf16 == nullptr ? kernel.name : bf16->name;
  emit_conv(planner, node, name, conv, views, {}, [=, &kernel](RunContext& context) -> Status {
    ConvBf16Args bound = args;
    bind_conv(bound, context, views);
    bound.weights = weights.get();
    bound.bias = bias.get();
    bound.zeros = zeros.get();
    context.pool().run(args.shape.batch * jobs, [&](std::int64_t job, int) {
      const std::int64_t part = job % jobs;
      const ConvShape& shape = args.shape;
      const auto run = [&](auto function) {
        function(bound, job / jobs, part * shape.out_h / jobs * shape.out_w,
                 (part + 1) * shape.out_h / jobs * shape.out_w);
      };
      bf16 == nullptr ? run(kernel.run) : run(bf16->run);
    });
    return {};
  });
  return {};
}

}  // namespace

const ConvMethod kConvDepthwise = {"depthwise",
                                   Op::kConv,
                                   [](const Kernels& kernels) { return kernels.depthwise.name.text(); },
                                   refusal,
                                   cost,
                                   lower,
                                   Bf16Storage::kBothOnly};

}  // namespace saker
