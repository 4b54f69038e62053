// Conv: which kernel, how the weights are packed, how the work is cut for the threads.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "graph/ops/window.h"
#include "plan/planner.h"

namespace saker {
namespace {

// Weights below this stay in L2 next to the input while all blocks run over one chunk of pixels;
// larger ones are walked block by block. (1 MB of L2 on Zen 4/5; 1-2 MB on recent Intel.)
constexpr std::int64_t kResidentWeights = 512 << 10;
constexpr std::int64_t kChunkInput = 256 << 10;  // bytes of input a chunk may touch
constexpr std::int64_t kMaxTaps = 128;           // tile.inl's table

struct Conv {
  ConvShape shape;  // in_c, out_c: of one group
  std::int64_t groups = 1;
  const float* weights = nullptr;  // [out_c * groups][in_c][taps]
  const float* bias = nullptr;
  Activation activation;
};

bool is_float_constant(const Value& value) {
  return value.constant && value.dtype == DType::kFloat32;
}

// Empty reason: the direct kernels can run it.
Result<std::string> describe(Planner& planner, const Node& node, Conv& conv) {
  const auto& attrs = node.as<ConvAttrs>();
  const Value& x = planner.value(node.inputs[0]);
  const Value& w = planner.value(node.inputs[1]);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  if (x.dtype != DType::kFloat32) return fmt::format("it takes float32, the input is {}", dtype_name(x.dtype));
  if (x.shape->size() != 4)
    return fmt::format("it is 2-D, the input has {} spatial axes", static_cast<int>(x.shape->size()) - 2);
  if (!is_float_constant(w)) return std::string("the weights are not constant");
  if (has_bias && !is_float_constant(planner.value(node.inputs[2]))) return std::string("the bias is not constant");
  const Shape& ws = *w.shape;
  SAKER_ASSIGN(const ops::Window window,
               ops::plan_window(attrs.window, {(*x.shape)[2], (*x.shape)[3]}, {ws[2], ws[3]}, false));
  conv.groups = attrs.group;
  conv.activation = attrs.activation;
  conv.weights = w.constant->data<float>();
  conv.bias = has_bias ? planner.value(node.inputs[2]).constant->data<float>() : nullptr;
  ConvShape& s = conv.shape;
  s.batch = (*x.shape)[0];
  s.in_h = window.in[0], s.in_w = window.in[1], s.in_c = ws[1];
  s.out_h = window.out[0], s.out_w = window.out[1], s.out_c = ws[0] / attrs.group;
  s.kernel_h = window.kernel[0], s.kernel_w = window.kernel[1];
  s.stride_h = window.stride[0], s.stride_w = window.stride[1];
  s.dilation_h = window.dilation[0], s.dilation_w = window.dilation[1];
  s.pad_top = window.before[0], s.pad_left = window.before[1];
  if (s.taps() > kMaxTaps) return fmt::format("{} taps, at most {} fit its table", s.taps(), kMaxTaps);
  return std::string();
}

struct Views {
  PlanView src, residual;
  Output dst;
  bool has_residual = false;
};

Views open_views(Planner& planner, const Node& node) {
  Views views;
  views.src = planner.read(node.inputs[0], Need::kChannelsInnermost);
  views.has_residual = node.inputs.size() > 3;
  if (views.has_residual) views.residual = planner.read(node.inputs[3], Need::kChannelsInnermost);
  views.dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
  return views;
}

void emit(Planner& planner, const Node& node, const char* kernel, const Conv& conv, const Views& views,
          std::function<Status(RunContext&)> run) {
  std::vector<PlanView> touched = {views.src, views.dst.view};
  if (views.has_residual) touched.push_back(views.residual);
  const double flops = 2.0 *
                       static_cast<double>(conv.shape.batch * conv.shape.pixels() * conv.shape.out_c * conv.groups) *
                       static_cast<double>(conv.shape.in_c * conv.shape.taps());
  planner.emit(node, kernel, std::move(touched), std::move(run), flops);
  planner.finish(node, views.dst);
}

ConvArgs base_args(const Conv& conv, const Views& views) {
  ConvArgs args;
  args.shape = conv.shape;
  args.activation = conv.activation;
  args.src_at = picture_strides(views.src);
  args.dst_at = picture_strides(views.dst.view);
  if (views.has_residual) args.residual_at = picture_strides(views.residual);
  return args;
}

// Pointers of one run.
void bind(ConvArgs& args, const RunContext& context, const Views& views) {
  args.src = context.at<float>(views.src);
  args.dst = context.at<float>(views.dst.view);
  args.residual = views.has_residual ? context.at<float>(views.residual) : nullptr;
}

Result<std::shared_ptr<float>> zero_row(Planner& planner, std::int64_t channels) {
  SAKER_ASSIGN(auto zeros, planner.weights(channels));
  std::fill(zeros.get(), zeros.get() + channels, 0.0F);
  return zeros;
}

// Jobs: groups x pictures x parts of the blocks x chunks of pixels.
struct Schedule {
  std::int64_t chunk = 1, chunks = 1, block_parts = 1;
};

Schedule schedule(const ConvKernel& kernel, const Conv& conv, const ConvBlocks& blocks, std::int64_t packed_floats,
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
  Conv conv;
  SAKER_ASSIGN(const std::string reason, describe(planner, node, conv));
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
  const Views views = open_views(planner, node);
  const Schedule plan = schedule(kernel, conv, blocks, weights_size, planner.threads());
  const ConvArgs args = base_args(conv, views);
  const std::int64_t groups = conv.groups;
  const auto run = kernel.run;
  emit(planner, node, kernel.name, conv, views, [=](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind(bound, context, views);
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
  Conv conv;
  SAKER_ASSIGN(const std::string reason, describe(planner, node, conv));
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
  const Views views = open_views(planner, node);
  ConvArgs args = base_args(conv, views);
  args.shape.in_c = args.shape.out_c = channels;
  const std::int64_t jobs = planner.threads() > 1 ? std::min<std::int64_t>(8 * planner.threads(), args.shape.out_h) : 1;
  const auto run = kernel.run;
  emit(planner, node, kernel.name, conv, views, [=](RunContext& context) -> Status {
    ConvArgs bound = args;
    bind(bound, context, views);
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
