// ConvInt8 by the tiles of AMX (kernels/conv_tiles/).
#include "base/try.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"
#include "plan/tiles_jobs.h"

namespace saker {
namespace {

// As the kernel sees the layer.
ConvShape in_quads(const ConvShape& shape) {
  ConvShape s = shape;
  s.in_c = int8_quads(s.in_c);
  return s;
}

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  if (conv.groups != 1) return "it takes one group";
  return refusal_of_tiles(options.isa, Isa::kAmxInt8, kernels_for(options.isa).conv_tiles_int8, in_quads(conv.shape));
}

double cost(const Kernels&, const ConvNode& conv) {
  return tiles_cost(in_quads(conv.shape));
}

Result<Int8Layer> pack(Planner& planner, const ConvNode& conv, const ConvShape& s) {
  Int8Layer packed;
  packed.padded = packed.starts_size = tiles_padded(s.out_c);
  packed.weights_size = tiles_packed_weights(s);
  SAKER_ASSIGN(packed.weights, planner.weights(packed.weights_size, [&](float* to) {
    tiles_pack_weights(s, conv.shape.in_c, conv.int8_weights, to);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(packed.starts_size, [&](float* to) {
    tiles_pack_starts(s, conv.shape.in_c, conv.int8_weights, conv.zero_points.data(), to);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, 1, packed));
  return packed;
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvTilesInt8Kernel& kernel = *planner.kernels().conv_tiles_int8;
  const ConvShape s = in_quads(conv.shape);
  SAKER_ASSIGN(const Int8Layer packed, pack(planner, conv, s));
  const Int8Views views = open_int8_views(planner, node, packed, 1);
  const ConvInt8Args args = int8_args(planner, conv, conv.shape, views, packed.padded);
  const ConvJobs jobs = cut_tiles(s, planner.threads());
  const std::int64_t panel = tiles_panel_floats(s, jobs);
  const PlanView panels = planner.scratch(DType::kFloat32, {planner.threads(), panel});
  emit_int8(planner, node, kernel.name, conv, views, {panels}, [=, run = kernel.run](RunContext& context) -> Status {
    const ConvInt8Args own = start_int8(args, context, views, packed);
    context.pool().run(jobs.count(), [&](std::int64_t i, int thread) {
      const ConvJobs::Job job = jobs.job(i);
      auto* scratch = reinterpret_cast<std::uint8_t*>(context.at<float>(panels) + thread * panel);
      run(own, {job.picture, job.begin, job.end, job.first_block, job.last_block, scratch});
    });
    return {};
  });
  return {};
}

}  // namespace

const ConvMethod kConvInt8Tiles = {"int8_tiles",
                                   Op::kConvInt8,
                                   [](const Kernels& kernels) { return name_of(kernels.conv_tiles_int8, "conv_int8_tiles"); },
                                   refusal,
                                   cost,
                                   lower};

}  // namespace saker
