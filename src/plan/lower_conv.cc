// Conv: which kernel, how the weights are packed, how the work is cut for the threads.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "plan/conv_node.h"

namespace saker {
namespace {

// Weights below this stay in L2 next to the input while all blocks run over one chunk of pixels;
// larger ones are walked block by block. (1 MB of L2 on Zen 4/5; 1-2 MB on recent Intel.)
constexpr std::int64_t kResidentWeights = 512 << 10;
constexpr std::int64_t kChunkInput = 256 << 10;  // bytes of input a chunk may touch

// Jobs: groups x pictures x parts of the blocks x chunks of pixels.
struct Schedule {
  std::int64_t chunk = 1, chunks = 1, block_parts = 1;
};

Schedule schedule(const ConvKernel& kernel, const ConvNode& conv, const ConvBlocks& blocks, std::int64_t packed_floats,
                  int threads) {
  const ConvShape& s = conv.shape;
  Schedule plan;
  const bool resident = packed_floats * 4 <= kResidentWeights;
  plan.block_parts = resident ? 1 : blocks.blocks;
  const std::int64_t pixels = s.pixels();
  std::int64_t chunk = pixels;
  // Divided one by one: the product of a hostile file's strides could overflow, and in_c may be 0.
  if (resident)
    chunk = std::min(chunk, kChunkInput / 4 / std::max<std::int64_t>(s.in_c, 1) / s.stride_h / s.stride_w + 1);
  if (threads > 1) {
    // Eight jobs a thread balance what the threads' unequal speed leaves.
    const std::int64_t jobs = std::max<std::int64_t>(8 * threads / (s.batch * conv.groups * plan.block_parts), 1);
    chunk = std::min(chunk, (pixels + jobs - 1) / jobs);
  }
  const std::int64_t tile = kernel.tile_pixels[blocks.first_vector(1) - 1];
  plan.chunk = std::max<std::int64_t>((chunk + tile - 1) / tile, 1) * tile;
  plan.chunks = (pixels + plan.chunk - 1) / plan.chunk;
  return plan;
}

}  // namespace

Result<bool> lower_conv(Planner& planner, const Node& node) {
  const ConvKernel& kernel = planner.kernels().conv;
  ConvNode conv;
  SAKER_ASSIGN(const std::string reason, describe_conv(planner, node, conv));
  if (!reason.empty()) return planner.refuse(kernel.name, reason);

  const ConvShape s = conv.shape;
  const ConvBlocks blocks(kernel, s.out_c);
  const std::int64_t weights_size = conv_packed_weights(kernel, s.out_c, s.taps(), s.in_c);
  const std::int64_t bias_size = conv_packed_bias(kernel, s.out_c);
  SAKER_ASSIGN(const auto weights, planner.weights(weights_size * conv.groups));
  SAKER_ASSIGN(const auto bias, planner.weights(bias_size * conv.groups));
  for (std::int64_t g = 0; g < conv.groups; ++g) {
    conv_pack_weights(kernel, s.out_c, s.taps(), s.in_c, conv.weights + g * s.out_c * s.in_c * s.taps(),
                      {s.in_c * s.taps(), 1, s.taps()}, weights.get() + g * weights_size);
    conv_pack_bias(kernel, s.out_c, conv.bias == nullptr ? nullptr : conv.bias + g * s.out_c,
                   bias.get() + g * bias_size);
  }
  SAKER_ASSIGN(const auto zeros, zero_row(planner, s.in_c));
  const ConvViews views = open_conv_views(planner, node);
  const Schedule plan = schedule(kernel, conv, blocks, weights_size, planner.threads());
  const ConvArgs args = conv_args(conv, views);
  const std::int64_t groups = conv.groups;
  const auto run = kernel.run;
  emit_conv(planner, node, kernel.name, conv, views, {}, [=](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind_conv(bound, context, views);
    bound.zeros = zeros.get();
    const std::int64_t pixels = args.shape.pixels();
    context.pool().run(groups * args.shape.batch * plan.block_parts * plan.chunks, [&](std::int64_t job, int) {
      const std::int64_t chunk = job % plan.chunks;
      const std::int64_t part = job / plan.chunks % plan.block_parts;
      const std::int64_t n = job / (plan.chunks * plan.block_parts) % args.shape.batch;
      const std::int64_t g = job / (plan.chunks * plan.block_parts * args.shape.batch);
      ConvArgs own = bound;
      own.src += g * args.shape.in_c;
      own.dst += g * args.shape.out_c;
      if (own.residual != nullptr) own.residual += g * args.shape.out_c;
      own.weights = weights.get() + g * weights_size;
      own.bias = bias.get() + g * bias_size;
      run(own, n, chunk * plan.chunk, std::min((chunk + 1) * plan.chunk, pixels),
          part * blocks.blocks / plan.block_parts, (part + 1) * blocks.blocks / plan.block_parts);
    });
    return {};
  });
  return true;
}

Result<bool> lower_depthwise(Planner& planner, const Node& node) {
  const DepthwiseKernel& kernel = planner.kernels().depthwise;
  ConvNode conv;
  SAKER_ASSIGN(const std::string reason, describe_conv(planner, node, conv));
  if (!reason.empty()) return planner.refuse(kernel.name, reason);
  if (conv.groups == 1 || conv.shape.in_c != 1 || conv.shape.out_c != 1) {
    return planner.refuse(kernel.name,
                          fmt::format("it takes one input and one output channel a group, here {} and {} in {} groups",
                                      conv.shape.in_c, conv.shape.out_c, conv.groups));
  }
  const std::int64_t channels = conv.groups;
  const std::int64_t padded = depthwise_packed_channels(kernel, channels);
  SAKER_ASSIGN(const auto weights, planner.weights(padded * conv.shape.taps()));
  SAKER_ASSIGN(const auto bias, planner.weights(padded));
  depthwise_pack(kernel, channels, conv.shape.taps(), conv.weights, conv.bias, weights.get(), bias.get());
  SAKER_ASSIGN(const auto zeros, zero_row(planner, padded));
  const ConvViews views = open_conv_views(planner, node);
  ConvArgs args = conv_args(conv, views);
  args.shape.in_c = args.shape.out_c = channels;
  const std::int64_t jobs = planner.threads() > 1 ? std::min<std::int64_t>(8 * planner.threads(), args.shape.out_h) : 1;
  const auto run = kernel.run;
  emit_conv(planner, node, kernel.name, conv, views, {}, [=](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind_conv(bound, context, views);
    bound.weights = weights.get();
    bound.bias = bias.get();
    bound.zeros = zeros.get();
    context.pool().run(args.shape.batch * jobs, [&](std::int64_t job, int) {
      const std::int64_t part = job % jobs;
      const ConvShape& shape = args.shape;
      run(bound, job / jobs, part * shape.out_h / jobs * shape.out_w, (part + 1) * shape.out_h / jobs * shape.out_w);
    });
    return {};
  });
  return true;
}

}  // namespace saker
