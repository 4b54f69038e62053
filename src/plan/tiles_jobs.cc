#include "plan/tiles_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/knobs.h"
#include "plan/conv_method.h"

namespace saker {

std::string refusal_of_tiles(Isa isa, Isa::Feature needed, const void* kernel, const ConvShape& s) {
  if (kernel == nullptr && !isa.has(needed)) return "this CPU or its kernel lacks tiles of these numbers (AMX)";
  if (kernel == nullptr) return "the system refuses this process tiles (arch_prctl)";
  if (knobs().tiles == Knobs::Tiles::kNone) return "tiles have not run on such a CPU yet, SAKER_TILES=1 takes them";
  const TilesForm form = tiles_form(s);
  if (form.steps > kTilesMostSteps)
    return fmt::format("{} chunks of 64 bytes for a result, at most {}", form.steps, kTilesMostSteps);
  if (form.columns > 2 * s.in_w + s.kernel_w) return "there is more padding than picture";
  return "";
}

// From what prototypes reached on an Emerald Rapids core (TDPBUSD, TDPBF16PS: one in 16 cycles), not fitted.
double tiles_cost(const ConvShape& s) {
  constexpr double kStepCycles = 64;      // of 2x2 tiles
  constexpr double kFinishCycles = 12;    // of a vector of 16 results, beside the steps
  constexpr double kCopiedPerCycle = 16;  // bytes into the panel
  const TilesForm form = tiles_form(s);
  const double positions = static_cast<double>(s.batch * s.out_h * form.columns);
  const double blocks = static_cast<double>(tiles_padded(s.out_c) / kTilesBlock);
  const double sums = positions / kTilesBlock * blocks;
  const double steps = sums * static_cast<double>(form.steps) * kStepCycles;
  const double results = positions * static_cast<double>((s.out_c + kTileRows - 1) / kTileRows);  // vectors
  const double finish = results * (kFinishCycles + kActivationCycles);
  const double rows = static_cast<double>(s.batch * s.stride_h * tiles_phase_rows(s, s.out_h));
  return std::max(steps, finish) + sums * kStepCycles + rows * static_cast<double>(form.row_bytes()) / kCopiedPerCycle;
}

ConvJobs cut_tiles(const ConvShape& s, int threads) {
  constexpr std::int64_t kPanelBytes = 256 << 10;  // of a job: with its weights it stays in L2
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

std::int64_t tiles_panel_floats(const ConvShape& s, const ConvJobs& jobs) {
  constexpr std::int64_t kLine = 16;
  return (tiles_panel_bytes(s, jobs.longest()) / 4 + kLine - 1) / kLine * kLine;
}

}  // namespace saker
