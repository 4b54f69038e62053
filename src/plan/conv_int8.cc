// ConvInt8 as it is defined, by a dot product of four bytes or by pairs: what it costs and how weights are packed.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"
#include "plan/int8_layer.h"

namespace saker {
namespace {

constexpr std::int64_t kChunkInput = 256 << 10;  // bytes of input a chunk may touch, as conv_direct.cc

// all_weights: of all groups, [out_c][in_c][taps].
Result<Int8Layer> pack_direct(Planner& planner, const ConvKernel& kernel, const ConvNode& conv,
                              const std::int8_t* all_weights) {
  const ConvShape& s = conv.shape;
  Int8Layer packed;
  packed.padded = conv_packed_bias(kernel, s.out_c);
  packed.weights_size = conv_int8_packed_weights(kernel, s.out_c, s.taps(), s.in_c);
  packed.starts_size = conv_int8_start_sets(s.kernel_h) * packed.padded;
  const std::int64_t own = s.out_c * s.in_c * s.taps();
  SAKER_ASSIGN(packed.weights, planner.weights(conv.groups * packed.weights_size, [&](float* weights) {
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_int8_pack_weights(kernel, s.out_c, s.taps(), s.in_c, all_weights + g * own,
                             weights + g * packed.weights_size);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(conv.groups * packed.starts_size, [&](float* starts) {
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_int8_pack_starts(kernel, s, conv.int8_weights + g * own, conv.zero_points.data() + g * s.in_c,
                            starts + g * packed.starts_size);
  }));
  SAKER_TRY(pack_int8_finish(planner, conv, conv.groups, packed));
  return packed;
}

std::int64_t rests_of(const ConvInt8PairsKernel& kernel, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  return count_pair_rests(kernel, s.out_c, s.in_c, s.taps(), conv.int8_weights);
}

constexpr double kRestCost = 1.5;  // of a quad among the rests, times one of the others

std::string refusal_of_direct(const PlanOptions&, const ConvNode& conv) {
  return conv.is_depthwise() ? "it sums over channels, here is one a group" : "";
}

std::string refusal_of_pairs(const PlanOptions& options, const ConvNode& conv) {
  if (kernels_for(options.isa).conv_int8_pairs == nullptr) {
    return options.isa.has(Isa::kVnni) ? "the level has a dot product of bytes" : "the level has no products of bytes";
  }
  return conv.groups == 1 ? "" : "it takes one group";
}

// As conv_direct.cc, four channels at a time.
double cost_of_tiles(const ConvKernel& kernel, const ConvNode& conv, double quads, double quads_per_cycle) {
  const double vectors = static_cast<double>(ConvBlocks(kernel, conv.shape.out_c).vectors * conv.groups);
  const double results = static_cast<double>(conv.shape.batch * conv.shape.pixels()) * vectors;
  return results * (quads / quads_per_cycle + kInt8FinishCycles + kActivationCycles);
}

double quads_of(const ConvShape& s) {
  return static_cast<double>(s.taps() * int8_quads(s.in_c));
}

// Without the dot product three instructions do its work.
double cost_of_direct(const Kernels& kernels, const ConvNode& conv) {
  const ConvKernel& kernel = kernels.conv_int8.multiply;
  return cost_of_tiles(kernel, conv, quads_of(conv.shape), kernel.name.isa.has(Isa::kVnni) ? 1.6 : 1.6 / 3);
}

double cost_of_pairs(const ConvInt8PairsKernel& kernel, const ConvNode& conv, std::int64_t rests) {
  const double vectors = static_cast<double>(ConvBlocks(kernel.multiply, conv.shape.out_c).vectors);
  return cost_of_tiles(kernel.multiply, conv, quads_of(conv.shape) + kRestCost * static_cast<double>(rests) / vectors,
                       0.9);
}

ConvJobs cut(const ConvKernel& kernel, const ConvNode& conv, const Int8Layer& packed, double cycles, int threads) {
  const ConvShape& s = conv.shape;
  const ConvBlocks blocks(kernel, s.out_c);
  ConvWork work;
  work.extent = s.pixels();
  work.unit = s.taps() > 1 ? s.out_w : kernel.tile_pixels[blocks.first_vector(1) - 1];
  work.cached = kChunkInput / std::max<std::int64_t>(s.in_c, 1) / s.stride_h / s.stride_w + 1;
  work.pictures = s.batch * conv.groups;
  work.blocks = blocks.blocks;
  work.weight_bytes = packed.weights_size * 4;
  work.threads = threads;
  work.jobs_per_thread = jobs_per_thread(cycles, threads);
  return cut_conv(work);
}

// The step of a kernel that takes Args, `args` but for the pictures' pointers.
template <typename Args>
void emit_direct(Planner& planner, const Node& node, const ConvNode& conv, const Int8Layer& packed,
                 const Int8Views& views, const ConvKernel& kernel, double cycles, const Args& args,
                 void (*run)(const Args&, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t)) {
  const ConvJobs jobs = cut(kernel, conv, packed, cycles, planner.threads());
  emit_int8(planner, node, kernel.name, conv, views, {}, [=, groups = conv.groups](RunContext& context) -> Status {
    if (views.is_dynamic) set_dynamic_parts(context, views, packed, groups);
    context.pool().run(jobs.count(), [&](std::int64_t i, int) {
      const ConvJobs::Job job = jobs.job(i);
      Args own = args;
      bind_int8(own, context, views, packed, job.picture / args.shape.batch, groups, args.shape.out_c);
      own.more_weights = job.last_chunk;
      run(own, job.picture % args.shape.batch, job.begin, job.end, job.first_block, job.last_block);
    });
    return {};
  });
}

Status lower_direct(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvInt8Kernel& kernel = planner.kernels().conv_int8;
  SAKER_ASSIGN(const Int8Layer packed, pack_direct(planner, kernel.multiply, conv, conv.int8_weights));
  const Int8Views views = open_int8_views(planner, node, packed, conv.groups);
  const ConvInt8Args args = int8_args(planner, conv, conv.shape, views, packed.padded);
  emit_direct(planner, node, conv, packed, views, kernel.multiply, cost_of_direct(planner.kernels(), conv), args,
              kernel.run);
  return {};
}

// "1.2 % of the quads are multiplied twice"
std::string rests_remark(const ConvInt8PairsKernel& kernel, const ConvShape& s, std::int64_t rests) {
  const auto all = static_cast<double>(ConvBlocks(kernel.multiply, s.out_c).vectors * s.taps() * int8_quads(s.in_c));
  return fmt::format("{:.1f} % of the quads are multiplied twice", 100 * static_cast<double>(rests) / all);
}

Status lower_pairs(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvInt8PairsKernel& kernel = *planner.kernels().conv_int8_pairs;
  const ConvShape& s = conv.shape;
  const std::int64_t rests = rests_of(kernel, conv);
  if (rests > 0) planner.remark(rests_remark(kernel, s, rests));
  const PairWeights cut = cut_pairs(s.out_c, s.in_c, s.taps(), conv.int8_weights);
  SAKER_ASSIGN(Int8Layer packed, pack_direct(planner, kernel.multiply, conv, cut.bounded.data()));
  if (rests > 0) {
    SAKER_ASSIGN(packed.rests, planner.weights(pair_rests_size(kernel, s, rests),
                                               [&](float* to) { pack_pair_rests(kernel, s, cut.rest, rests, to); }));
  }
  const Int8Views views = open_int8_views(planner, node, packed, 1);
  const ConvInt8PairsArgs args{int8_args(planner, conv, s, views, packed.padded),
                               pair_rests(kernel, s, rests, packed.rests.get())};
  emit_direct(planner, node, conv, packed, views, kernel.multiply, cost_of_pairs(kernel, conv, rests), args,
              kernel.run);
  return {};
}

}  // namespace

const ConvMethod kConvInt8Direct = {
    "int8_direct",     Op::kConvInt8,  [](const Kernels& kernels) { return kernels.conv_int8.multiply.name.text(); },
    refusal_of_direct, cost_of_direct, lower_direct};
const ConvMethod kConvInt8Pairs = {
    "int8_pairs",
    Op::kConvInt8,
    [](const Kernels& kernels) { return name_of(kernels.conv_int8_pairs, "conv_int8_pairs"); },
    refusal_of_pairs,
    [](const Kernels& kernels, const ConvNode& conv) {
      const ConvInt8PairsKernel& kernel = *kernels.conv_int8_pairs;
      return cost_of_pairs(kernel, conv, rests_of(kernel, conv));
    },
    lower_pairs};
}  // namespace saker
