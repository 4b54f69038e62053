// Conv in bfloat16 by the tiles of AMX (kernels/conv_tiles/).
#include "base/try.h"
#include "plan/conv_method.h"
#include "plan/tiles_jobs.h"

namespace saker {
namespace {

// As the tiles see the layer.
ConvShape in_pairs(const ConvShape& shape) {
  ConvShape s = shape;
  s.in_c = conv_bf16_pairs(s.in_c);
  return s;
}

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  if (!options.bf16) return kBf16NotAsked;
  if (conv.groups != 1) return "it takes one group";
  if (std::string reason = refusal_of_few_channels(conv); !reason.empty()) return reason;
  return refusal_of_tiles(options.isa, Isa::kAmxBf16, kernels_for(options.isa).conv_tiles_bf16, in_pairs(conv.shape));
}

double cost(const Kernels&, const ConvNode& conv) {
  return tiles_cost(in_pairs(conv.shape));
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvTilesBf16Kernel& kernel = *planner.kernels().conv_tiles_bf16;
  const ConvShape s = in_pairs(conv.shape);
  SAKER_ASSIGN(const auto weights, planner.weights(tiles_packed_weights(s), [&](float* packed) {
    tiles_pack_bf16_weights(s, conv.shape.in_c, conv.weights, packed);
  }));
  SAKER_ASSIGN(const auto bias, planner.weights(tiles_padded(s.out_c),
                                                [&](float* packed) { tiles_pack_bias(s.out_c, conv.bias, packed); }));
  const ConvViews views = open_conv_views(planner, node);
  const ConvJobs jobs = cut_tiles(s, planner.threads());
  const std::int64_t panel = tiles_panel_floats(s, jobs);
  const PlanView panels = planner.scratch(DType::kFloat32, {planner.threads(), panel});
  const ConvBf16Args args = conv_bf16_args(conv, views);
  emit_conv(planner, node, kernel.name, conv, views, {panels}, [=, run = kernel.run](RunContext& context) -> Status {
    ConvBf16Args bound = args;
    bind_conv(bound, context, views);
    bound.weights = weights.get();
    bound.bias = bias.get();
    context.pool().run(jobs.count(), [&](std::int64_t i, int thread) {
      const ConvJobs::Job job = jobs.job(i);
      auto* own = reinterpret_cast<std::uint8_t*>(context.at<float>(panels) + thread * panel);
      run(bound, {job.picture, job.begin, job.end, job.first_block, job.last_block, own});
    });
    return {};
  });
  return {};
}

}  // namespace

const ConvMethod kConvBf16Tiles = {
    "bf16_tiles",
    Op::kConv,
    [](const Kernels& kernels) { return name_of(kernels.conv_tiles_bf16, "conv_bf16_tiles"); },
    refusal,
    cost,
    lower,
    Bf16Storage::kBoth};

}  // namespace saker
