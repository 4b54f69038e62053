// Conv as it is defined: how the weights are packed, how the work is cut for the threads. Takes everything.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

constexpr std::int64_t kChunkInput = 256 << 10;  // bytes of input a chunk may touch

std::string refusal(const PlanOptions&, const ConvNode&) {
  return "";
}

double cost(const Kernels& kernels, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const double vectors = static_cast<double>(ConvBlocks(kernels.conv, s.out_c).vectors * conv.groups);
  const double results = static_cast<double>(s.batch * s.pixels()) * vectors;
  constexpr double kMultipliesPerCycle = 1.6;  // of 2; fitted as in conv_winograd.cc
  return results * (static_cast<double>(s.taps() * s.in_c) / kMultipliesPerCycle + kActivationCycles);
}

ConvJobs cut(const Planner& planner, const ConvNode& conv, const ConvBlocks& blocks, std::int64_t packed_floats) {
  const ConvKernel& kernel = planner.kernels().conv;
  const ConvShape& s = conv.shape;
  ConvWork work;
  work.extent = s.pixels();
  // Whole rows, which kernels wider than 1x1 work by.
  work.unit = s.taps() > 1 ? s.out_w : kernel.tile_pixels[blocks.first_vector(1) - 1];
  // Divided one by one: the product of a hostile file's strides could overflow, and in_c may be 0.
  work.cached = kChunkInput / 4 / std::max<std::int64_t>(s.in_c, 1) / s.stride_h / s.stride_w + 1;
  work.pictures = s.batch * conv.groups;
  work.blocks = blocks.blocks;
  work.weight_bytes = packed_floats * 4;
  work.threads = planner.threads();
  work.jobs_per_thread = jobs_per_thread(cost(planner.kernels(), conv), planner.threads());
  return cut_conv(work);
}

// The first layer reads a picture of few channels plane by plane, as it comes, rather than through a copy.
bool reads_planes(const ConvNode& conv, const PlanView& src) {
  constexpr std::int64_t kFewChannels = 4;
  const ConvShape& s = conv.shape;
  return conv.groups == 1 && s.in_c > 1 && s.in_c <= kFewChannels && s.taps() > 1 && conv_takes_planes(s) &&
         src.strides[3] == 1 && src.strides[1] != 1;
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvKernel& kernel = planner.kernels().conv;
  const ConvShape s = conv.shape;
  const bool planar = reads_planes(conv, planner.read(node.inputs[0]));
  const ConvBlocks blocks(kernel, s.out_c);
  const std::int64_t weights_size = conv_packed_weights(kernel, s.out_c, s.taps(), s.in_c);
  const std::int64_t bias_size = conv_packed_bias(kernel, s.out_c);
  SAKER_ASSIGN(const auto weights, planner.weights(weights_size * conv.groups, [&](float* packed) {
    if (planar) return conv_pack_planar(kernel, s, conv.weights, packed);
    const std::int64_t own = s.out_c * s.in_c * s.taps();
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_pack_weights(kernel, s.out_c, s.taps(), s.in_c, conv.weights + g * own, {s.in_c * s.taps(), 1, s.taps()},
                        packed + g * weights_size);
  }));
  SAKER_ASSIGN(const auto bias, packed_bias(planner, kernel, conv));
  SAKER_ASSIGN(const auto zeros, zero_row(planner, s.in_c));
  const ConvViews views = open_conv_views(planner, node, planar ? Need::kAny : Need::kChannelsInnermost);
  const ConvJobs jobs = cut(planner, conv, blocks, weights_size);
  ConvBf16Args args = conv_bf16_args(conv, views);
  if (planar) args.src_c_step = views.src.strides[1];
  const ConvIntoBf16Kernel* into_bf16 = args.dst_bf16 ? planner.kernels().conv_into_bf16 : nullptr;
  const KernelName& name = into_bf16 == nullptr ? kernel.name : into_bf16->name;
  emit_conv(planner, node, name, conv, views, {}, [=, &kernel](RunContext& context) -> Status {
    ConvBf16Args bound = args;
    bind_conv(bound, context, views);
    bound.zeros = zeros.get();
    context.pool().run(jobs.count(), [&](std::int64_t i, int) {
      const ConvJobs::Job job = jobs.job(i);
      const std::int64_t n = job.picture % args.shape.batch, g = job.picture / args.shape.batch;
      ConvBf16Args own = bound;
      own.src += g * args.shape.in_c;
      own.dst += g * args.shape.out_c;
      if (own.residual != nullptr) own.residual += g * args.shape.out_c;
      if (own.coarse.data != nullptr) own.coarse.data += g * args.shape.out_c;
      own.weights = weights.get() + g * weights_size;
      own.bias = bias.get() + g * bias_size;
      own.more_weights = job.last_chunk;
      const auto run = [&](auto function) { function(own, n, job.begin, job.end, job.first_block, job.last_block); };
      into_bf16 == nullptr ? run(kernel.run) : run(into_bf16->run);
    });
    return {};
  });
  return {};
}

}  // namespace

const ConvMethod kConvDirect = {"direct",
                                Op::kConv,
                                [](const Kernels& kernels) { return kernels.conv.name.text(); },
                                refusal,
                                cost,
                                lower,
                                Bf16Storage::kResults};

}  // namespace saker
