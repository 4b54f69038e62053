// Conv in bfloat16, where it was asked for and is estimated faster: what it costs, how the work is cut.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/knobs.h"
#include "base/try.h"
#include "plan/bf16.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

constexpr std::int64_t kPanelBytes = 256 << 10;  // what a chunk's input takes of L2

std::string refusal(const PlanOptions& options, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  if (!options.bf16) return kBf16NotAsked;
  if (const Status status = check_bf16(options.isa); !status.ok()) return status.error().message;
  if (conv.groups != 1) return fmt::format("it is for one group, not {}", conv.groups);
  if (std::string reason = refusal_of_few_channels(conv); !reason.empty()) return reason;
  if (conv_bf16_panel_width(s) > 2 * s.in_w + kConvMaxTaps) return "there is more padding than picture";
  return "";
}

// SAKER_BF16_RATE as a number, 0 if it is none.
double told_rate() {
  const std::string& told = knobs().bf16_rate;
  double value = 0;
  const auto [end, error] = std::from_chars(told.data(), told.data() + told.size(), value);
  const bool valid = error == std::errc() && end == told.data() + told.size() && value >= 0.01 && value <= 100;
  return valid ? value : 0;
}

// Products of bfloat16 in the time of one of float32.
double rate(const ConvBf16Kernel& kernel) {
  if (!knobs().bf16_rate.empty()) return told_rate();
  static const double measured = measure_bf16_rate(kernel);
  return measured;
}

double cost(const Kernels& kernels, const ConvNode& conv) {
  constexpr double kProductsPerCycle = 1.6;  // of 2 where the rate is 1, as in conv_direct.cc
  constexpr double kPackCycles = 2;          // of 16 input values
  const ConvShape& s = conv.shape;
  const ConvBf16Kernel& kernel = *kernels.conv_bf16;
  const double inputs = static_cast<double>(s.batch * s.in_h * s.in_w * conv_bf16_pairs(s.in_c)) / 8;
  const double vectors = static_cast<double>(ConvBlocks(kernel.multiply, s.out_c).vectors);
  const double results = static_cast<double>(s.batch * s.pixels()) * vectors;
  const double products = static_cast<double>(s.taps() * conv_bf16_pairs(s.in_c) * 2);
  return inputs * kPackCycles + results * (products / (kProductsPerCycle * rate(kernel)) + kActivationCycles);
}

ConvJobs cut(const ConvShape& s, const ConvBlocks& blocks, std::int64_t weight_floats, double cycles, int threads) {
  const std::int64_t row_bytes = conv_bf16_panel_floats(s, 1) * 4;
  ConvWork work;
  work.extent = s.out_h;
  work.cached = kPanelBytes / std::max<std::int64_t>(row_bytes, 1) / s.stride_h;
  work.pictures = s.batch;
  work.blocks = blocks.blocks;
  work.weight_bytes = weight_floats * 4;
  work.threads = threads;
  work.jobs_per_thread = jobs_per_thread(cycles, threads);
  return cut_conv(work);
}

// Floats of the largest panel of a job.
std::int64_t panel_floats(const ConvShape& s, const ConvJobs& jobs) {
  const std::int64_t rows = (jobs.longest() - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1;
  return conv_bf16_panel_floats(s, std::min(rows, s.in_h));
}

Status lower(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvBf16Kernel& kernel = *planner.kernels().conv_bf16;
  const ConvShape& s = conv.shape;
  const std::int64_t weights_size = conv_bf16_packed_weights(kernel.multiply, s);
  SAKER_ASSIGN(const auto weights, planner.weights(weights_size, [&](float* packed) {
    conv_bf16_pack_weights(kernel.multiply, s, conv.weights, packed);
  }));
  SAKER_ASSIGN(const auto bias, packed_bias(planner, kernel.multiply, conv));
  const ConvBlocks blocks(kernel.multiply, s.out_c);
  const ConvJobs jobs = cut(s, blocks, weights_size, cost(planner.kernels(), conv), planner.threads());
  const ConvViews views = open_conv_views(planner, node);
  const std::int64_t panel_size = (panel_floats(s, jobs) + 15) / 16 * 16;
  const PlanView panels = planner.scratch(DType::kFloat32, {planner.threads(), panel_size});
  const ConvBf16Args args = conv_bf16_args(conv, views);
  emit_conv(planner, node, kernel.multiply.name, conv, views, {panels}, [=, &kernel](RunContext& context) -> Status {
    ConvBf16Args bound = args;
    bind_conv(bound, context, views);
    bound.weights = weights.get();
    bound.bias = bias.get();
    context.pool().run(jobs.count(), [&](std::int64_t i, int thread) {
      const ConvJobs::Job job = jobs.job(i);
      float* panel = context.at<float>(panels) + thread * panel_size;
      const InputRows rows = conv_bf16_input_rows(args.shape, job.begin, job.end);
      kernel.pack_rows(bound, job.picture, rows.first, rows.last, panel);
      ConvBf16Args own = conv_bf16_panel_args(bound, job.picture, job.begin, job.end, panel);
      own.more_weights = job.last_chunk;
      kernel.run(own, 0, 0, own.shape.pixels(), job.first_block, job.last_block);
    });
    return {};
  });
  return {};
}

}  // namespace

Status check_bf16(Isa isa) {
  SAKER_TRY(require_bf16(isa));
  if (knobs().bf16_rate.empty() || told_rate() > 0) return {};
  return Error{ErrorCode::kInvalid,
               fmt::format("SAKER_BF16_RATE is '{}': a number from 0.01 to 100 is possible", knobs().bf16_rate)};
}

double bf16_rate(Isa isa) {
  return check_bf16(isa).ok() ? rate(*kernels_for(isa).conv_bf16) : 0;
}

std::string refusal_of_few_channels(const ConvNode& conv) {
  constexpr std::int64_t kFew = 8;
  if (conv.shape.in_c >= kFew) return "";
  return fmt::format("{} input channels are few, it is for {} and more", conv.shape.in_c, kFew);
}

bool bf16_gains(Isa isa) {
  const bool tiles = kernels_for(isa).conv_tiles_bf16 != nullptr && knobs().tiles != Knobs::Tiles::kNone;
  return check_bf16(isa).ok() && (tiles || bf16_rate(isa) > 1);
}

bool wants_bf16(const std::string& precision, Isa isa) {
  return precision == "bf16" || (precision == "auto" && bf16_gains(isa));
}

std::string bf16_note(const Plan& plan) {
  const ConvBf16Kernel& kernel = *kernels_for(plan.isa).conv_bf16;
  const auto is_convolution = [](const Step& step) { return step.method != nullptr && step.method->op == Op::kConv; };
  const auto tiles = std::ranges::count(plan.steps, &kConvBf16Tiles, &Step::method);
  const auto taken = std::ranges::count(plan.steps, &kConvBf16, &Step::method) + tiles;
  const auto all = std::ranges::count_if(plan.steps, is_convolution);
  const std::string by_tiles = tiles > 0 ? fmt::format(" ({} by the tiles of AMX)", tiles) : "";
  return fmt::format(
      "bf16 in {} of {} convolutions{}, float32 in those where it is estimated no slower: in the time of one product "
      "of "
      "float32 this CPU computes {:g} of bf16 without tiles",
      taken, all, by_tiles, rate(kernel));
}

const ConvMethod kConvBf16 = {"bf16",
                              Op::kConv,
                              [](const Kernels& kernels) { return name_of(kernels.conv_bf16, "conv_bf16"); },
                              refusal,
                              cost,
                              lower,
                              Bf16Storage::kBoth};

}  // namespace saker
