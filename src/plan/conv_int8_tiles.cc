// ConvInt8 by the tiles of AMX (kernels/conv_tiles/): what it costs, and how the work is cut.
#include <fmt/format.h>

#include <algorithm>

#include "base/knobs.h"
#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"

namespace saker {
namespace {

constexpr std::int64_t kPanelBytes = 256 << 10;  // of a job: with its weights it stays in L2
constexpr std::int64_t kLine = 16;               // floats

// As the kernel sees the layer.
ConvShape in_quads(const ConvShape& shape) {
  ConvShape s = shape;
  s.in_c = int8_quads(s.in_c);
  return s;
}

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  if (!options.isa.has(Isa::kAmxInt8)) return "this CPU or its kernel has no tiles of bytes (AMX)";
  if (kernels_for(options.isa).conv_tiles_int8 == nullptr) return "the system refuses this process tiles (arch_prctl)";
  if (!knobs().tiles) return "tiles have not run on such a CPU yet, SAKER_TILES=1 takes them";
  if (conv.groups != 1) return "it takes one group";
  const ConvShape s = in_quads(conv.shape);
  const std::int64_t steps = tiles_form(s).steps;
  if (steps > kTilesMostSteps)
    return fmt::format("{} chunks of 64 bytes for a result, at most {}", steps, kTilesMostSteps);
  if (tiles_form(s).columns > 2 * s.in_w + s.kernel_w) return "there is more padding than picture";
  return "";
}

// From what prototypes reached on an Emerald Rapids core (TDPBUSD: one in 16 cycles), not fitted; cycles.
double cost(const Kernels&, const ConvNode& conv) {
  constexpr double kStepCycles = 64;      // of 2x2 tiles
  constexpr double kFinishCycles = 12;    // of a vector of 16 results, beside the steps
  constexpr double kCopiedPerCycle = 16;  // bytes into the panel
  const ConvShape s = in_quads(conv.shape);
  const TilesForm form = tiles_form(s);
  const double positions = static_cast<double>(s.batch * s.out_h * form.columns);
  const double blocks = static_cast<double>(tiles_padded(s.out_c) / kTilesBlock);
  const double sums = positions / kTilesBlock * blocks;
  const double steps = static_cast<double>(form.steps) * kStepCycles;
  const double finish = static_cast<double>(kTilesBlock * kTilesBlock / 16) * (kFinishCycles + kActivationCycles);
  const double rows = static_cast<double>(s.batch * s.stride_h * tiles_phase_rows(s, s.out_h));
  return sums * (std::max(steps, finish) + kStepCycles) +
         rows * static_cast<double>(form.row_bytes()) / kCopiedPerCycle;
}

ConvJobs cut(const ConvShape& s, int threads) {
  const std::int64_t one = tiles_panel_bytes(s, 1), row = tiles_panel_bytes(s, 2) - one;
  ConvWork work;
  work.extent = s.out_h;
  work.cached = std::max<std::int64_t>((kPanelBytes - one) / std::max<std::int64_t>(row, 1) + 1, 1);
  work.pictures = s.batch;
  work.blocks = tiles_padded(s.out_c) / kTilesBlock;
  work.weight_bytes = tiles_packed_weights(s) * 4;
  work.threads = threads;
  return cut_conv(work);
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
  const ConvJobs jobs = cut(s, planner.threads());
  const std::int64_t panel = (tiles_panel_bytes(s, jobs.longest()) / 4 + kLine - 1) / kLine * kLine;
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
                                   [](const Kernels& kernels) {
                                     const ConvTilesInt8Kernel* kernel = kernels.conv_tiles_int8;
                                     return kernel == nullptr ? "conv_int8_tiles" : kernel->name.text();
                                   },
                                   refusal,
                                   cost,
                                   lower};

}  // namespace saker
