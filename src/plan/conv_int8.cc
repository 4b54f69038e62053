// ConvInt8: direct and depthwise convolutions of bytes, what they cost and how their weights are packed.
#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "plan/conv_jobs.h"
#include "plan/conv_method.h"

namespace saker {
namespace {

constexpr std::int64_t kChunkInput = 256 << 10;  // bytes of input a chunk may touch, as conv_direct.cc

// Everything packed that lies behind the weights; `channels` are padded to `padded` in each of the groups.
struct PackedLayer {
  std::shared_ptr<const float> weights, starts, multiplier, bias, out_scale, out_offset, residual_scale, zeros;
  std::shared_ptr<std::vector<std::uint8_t>> table;
  std::int64_t weights_size = 0, starts_size = 0, padded = 0, zeros_size = 0;  // of one group, floats
};

Result<std::shared_ptr<const float>> pack_channels(Planner& planner, const std::vector<float>& values,
                                                   std::int64_t groups, std::int64_t padded) {
  if (values.empty()) return std::shared_ptr<const float>();
  return planner.weights(groups * padded, [&](float* packed) {
    std::fill_n(packed, groups * padded, 0.0F);
    const std::int64_t own = static_cast<std::int64_t>(values.size()) / groups;
    for (std::int64_t g = 0; g < groups; ++g) std::copy_n(values.data() + g * own, own, packed + g * padded);
  });
}

Status pack_finish(Planner& planner, const ConvNode& conv, std::int64_t groups, PackedLayer& packed) {
  const ConvInt8Attrs& attrs = *conv.int8;
  SAKER_ASSIGN(packed.multiplier, pack_channels(planner, attrs.multiplier, groups, packed.padded));
  SAKER_ASSIGN(packed.bias, pack_channels(planner, attrs.bias, groups, packed.padded));
  SAKER_ASSIGN(packed.out_scale, pack_channels(planner, attrs.out_scale, groups, packed.padded));
  SAKER_ASSIGN(packed.out_offset, pack_channels(planner, attrs.out_offset, groups, packed.padded));
  SAKER_ASSIGN(packed.residual_scale, pack_channels(planner, attrs.residual_scale, groups, packed.padded));
  if (!attrs.table.empty()) packed.table = std::make_shared<std::vector<std::uint8_t>>(attrs.table);
  const std::int64_t channels = conv.groups * conv.shape.in_c;
  packed.zeros_size = int8_quads(channels / groups);
  SAKER_ASSIGN(packed.zeros, planner.weights(groups * packed.zeros_size, [&](float* zeros) {
    std::fill_n(zeros, groups * packed.zeros_size, 0.0F);
    for (std::int64_t g = 0; g < groups; ++g) {
      std::copy_n(conv.zero_points.begin() + g * (channels / groups), channels / groups,
                  reinterpret_cast<std::uint8_t*>(zeros + g * packed.zeros_size));
    }
  }));
  return {};
}

Result<PackedLayer> pack_direct(Planner& planner, const ConvNode& conv) {
  const ConvInt8Kernel& kernel = planner.kernels().conv_int8;
  const ConvShape& s = conv.shape;
  PackedLayer packed;
  packed.padded = conv_packed_bias(kernel.multiply, s.out_c);
  packed.weights_size = conv_int8_packed_weights(kernel, s.out_c, s.taps(), s.in_c);
  packed.starts_size = conv_int8_start_sets(s.kernel_h) * packed.padded;
  const std::int64_t own = s.out_c * s.in_c * s.taps();
  SAKER_ASSIGN(packed.weights, planner.weights(conv.groups * packed.weights_size, [&](float* weights) {
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_int8_pack_weights(kernel, s.out_c, s.taps(), s.in_c, conv.int8_weights + g * own,
                             weights + g * packed.weights_size);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(conv.groups * packed.starts_size, [&](float* starts) {
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_int8_pack_starts(kernel, s, conv.int8_weights + g * own, conv.zero_points.data() + g * s.in_c,
                            starts + g * packed.starts_size);
  }));
  SAKER_TRY(pack_finish(planner, conv, conv.groups, packed));
  return packed;
}

Result<PackedLayer> pack_depthwise(Planner& planner, const ConvNode& conv, const ConvShape& shape) {
  const DepthwiseInt8Kernel& kernel = planner.kernels().depthwise_int8;
  PackedLayer packed;
  packed.padded = depthwise_int8_packed_channels(kernel, shape.out_c);
  packed.starts_size = conv_int8_start_sets(shape.kernel_h) * packed.padded;
  SAKER_ASSIGN(packed.weights, planner.weights(shape.taps() * packed.padded, [&](float* weights) {
    depthwise_int8_pack_weights(kernel, shape, conv.int8_weights, weights);
  }));
  SAKER_ASSIGN(packed.starts, planner.weights(packed.starts_size, [&](float* starts) {
    depthwise_int8_pack_starts(kernel, shape, conv.int8_weights, conv.zero_points.data(), starts);
  }));
  SAKER_TRY(pack_finish(planner, conv, 1, packed));
  return packed;
}

struct Views {
  PlanView src, residual, scale, zero_point;
  PlanView own;  // PackedLayer's multiplier, starts and zeros times those two
  Output dst;
  bool has_residual = false, is_dynamic = false;
};

Views open_views(Planner& planner, const Node& node, const PackedLayer& packed, std::int64_t groups) {
  Views views;
  views.is_dynamic = node.has_input(4);
  if (views.is_dynamic) {
    views.scale = planner.read(node.inputs[3]);
    views.zero_point = planner.read(node.inputs[4]);
    views.own = planner.scratch(DType::kFloat32, {groups * (packed.padded + packed.starts_size + packed.zeros_size)});
  }
  views.src = planner.read(node.inputs[0], Need::kQuads);
  views.has_residual = node.has_input(2);
  if (views.has_residual) views.residual = planner.read(node.inputs[2], Need::kChannelsInnermost);
  views.dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
  return views;
}

// Everything but pointers. shape: in channels.
ConvInt8Args args_of(Planner& planner, const ConvNode& conv, const ConvShape& shape, const Views& views,
                     std::int64_t start_step) {
  ConvInt8Args args;
  args.shape = shape;
  args.shape.in_c = int8_quads(shape.in_c);
  args.activation = conv.activation;
  args.src_at = picture_strides(views.src, kInt8Quad);
  args.dst_at = picture_strides(views.dst.view);
  if (views.has_residual) args.residual_at = picture_strides(views.residual);
  args.start_step = start_step;
  args.lookup = planner.kernels().lookup.run;
  return args;
}

struct DynamicParts {
  float *multiplier, *starts, *zeros;
};

DynamicParts dynamic_parts(const RunContext& context, const Views& views, const PackedLayer& packed,
                           std::int64_t groups) {
  auto* at = context.at<float>(views.own);
  return {at, at + groups * packed.padded, at + groups * (packed.padded + packed.starts_size)};
}

// Before anything of a run.
void set_dynamic_parts(const RunContext& context, const Views& views, const PackedLayer& packed, std::int64_t groups) {
  const DynamicParts parts = dynamic_parts(context, views, packed, groups);
  const float scale = *context.at<float>(views.scale);
  const std::uint8_t zero = *context.at<std::uint8_t>(views.zero_point);
  for (std::int64_t i = 0; i < groups * packed.padded; ++i) parts.multiplier[i] = packed.multiplier.get()[i] * scale;
  const auto* from = reinterpret_cast<const std::int32_t*>(packed.starts.get());
  auto* starts = reinterpret_cast<std::int32_t*>(parts.starts);
  for (std::int64_t i = 0; i < groups * packed.starts_size; ++i) starts[i] = from[i] * zero;
  std::memset(parts.zeros, zero, static_cast<std::size_t>(groups * packed.zeros_size) * sizeof(float));
}

// The pointers of one run and group, of so many groups; out_c: channels of a group.
void bind(ConvInt8Args& args, const RunContext& context, const Views& views, const PackedLayer& packed, std::int64_t g,
          std::int64_t groups, std::int64_t out_c) {
  args.src = reinterpret_cast<const float*>(context.bytes_at(views.src)) + g * args.shape.in_c;
  if (views.dst.view.dtype == DType::kFloat32) {
    args.dst = context.at<float>(views.dst.view) + g * out_c;
  } else {
    args.dst_bytes = context.at<std::uint8_t>(views.dst.view) + g * out_c;
  }
  if (views.has_residual) args.residual_bytes = context.at<std::uint8_t>(views.residual) + g * out_c;
  args.weights = packed.weights.get() + g * packed.weights_size;
  args.bias = packed.starts.get() + g * packed.starts_size;
  args.zeros = packed.zeros.get() + g * packed.zeros_size;
  const auto of = [&](const std::shared_ptr<const float>& values) {
    return values == nullptr ? nullptr : values.get() + g * packed.padded;
  };
  args.finish = {of(packed.multiplier), of(packed.bias), of(packed.out_scale), of(packed.out_offset),
                 of(packed.residual_scale)};
  args.table = packed.table == nullptr ? nullptr : packed.table->data();
  if (!views.is_dynamic) return;
  const DynamicParts parts = dynamic_parts(context, views, packed, groups);
  args.finish.multiplier = parts.multiplier + g * packed.padded;
  args.bias = parts.starts + g * packed.starts_size;
  args.zeros = parts.zeros + g * packed.zeros_size;
}

void emit(Planner& planner, const Node& node, const KernelName& kernel, const ConvNode& conv, const Views& views,
          std::function<Status(RunContext&)> run) {
  std::vector<PlanView> touched = {views.src, views.dst.view};
  if (views.is_dynamic) touched.insert(touched.end(), {views.scale, views.zero_point, views.own});
  if (views.has_residual) touched.push_back(views.residual);
  planner.emit(node, kernel, std::move(touched), std::move(run), conv_flops(conv));
  planner.finish(node, views.dst);
}

ConvJobs cut(const ConvInt8Kernel& kernel, const ConvNode& conv, const PackedLayer& packed, int threads) {
  const ConvShape& s = conv.shape;
  const ConvBlocks blocks(kernel.multiply, s.out_c);
  ConvWork work;
  work.extent = s.pixels();
  work.unit = s.taps() > 1 ? s.out_w : kernel.multiply.tile_pixels[blocks.first_vector(1) - 1];
  work.cached = kChunkInput / std::max<std::int64_t>(s.in_c, 1) / s.stride_h / s.stride_w + 1;
  work.pictures = s.batch * conv.groups;
  work.blocks = blocks.blocks;
  work.weight_bytes = packed.weights_size * 4;
  work.threads = threads;
  return cut_conv(work);
}

Status lower_direct(Planner& planner, const Node& node, const ConvNode& conv) {
  const ConvInt8Kernel& kernel = planner.kernels().conv_int8;
  SAKER_ASSIGN(const PackedLayer packed, pack_direct(planner, conv));
  const Views views = open_views(planner, node, packed, conv.groups);
  const ConvInt8Args args = args_of(planner, conv, conv.shape, views, packed.padded);
  const ConvJobs jobs = cut(kernel, conv, packed, planner.threads());
  const auto run = kernel.run;
  emit(planner, node, kernel.multiply.name, conv, views, [=, groups = conv.groups](RunContext& context) -> Status {
    if (views.is_dynamic) set_dynamic_parts(context, views, packed, groups);
    context.pool().run(jobs.count(), [&](std::int64_t i, int) {
      const ConvJobs::Job job = jobs.job(i);
      ConvInt8Args own = args;
      bind(own, context, views, packed, job.picture / args.shape.batch, groups, args.shape.out_c);
      own.more_weights = job.last_chunk;
      run(own, job.picture % args.shape.batch, job.begin, job.end, job.first_block, job.last_block);
    });
    return {};
  });
  return {};
}

Status lower_depthwise(Planner& planner, const Node& node, const ConvNode& conv) {
  const DepthwiseInt8Kernel& kernel = planner.kernels().depthwise_int8;
  ConvShape shape = conv.shape;
  shape.in_c = shape.out_c = conv.groups;
  SAKER_ASSIGN(const PackedLayer packed, pack_depthwise(planner, conv, shape));
  const Views views = open_views(planner, node, packed, 1);
  const ConvInt8Args args = args_of(planner, conv, shape, views, packed.padded);
  const std::int64_t jobs = planner.threads() > 1 ? std::min<std::int64_t>(8 * planner.threads(), shape.out_h) : 1;
  const auto run = kernel.run;
  emit(planner, node, kernel.name, conv, views, [=](RunContext& context) -> Status {
    if (views.is_dynamic) set_dynamic_parts(context, views, packed, 1);
    ConvInt8Args bound = args;
    bind(bound, context, views, packed, 0, 1, shape.out_c);
    context.pool().run(shape.batch * jobs, [&](std::int64_t job, int) {
      const std::int64_t part = job % jobs;
      run(bound, job / jobs, part * shape.out_h / jobs * shape.out_w, (part + 1) * shape.out_h / jobs * shape.out_w);
    });
    return {};
  });
  return {};
}

// What the sums' conversion, scale and rounding take besides an activation; of one vector.
constexpr double kFinishCycles = 8;

std::string refusal_of_direct(const PlanOptions&, const ConvNode& conv) {
  return conv.is_depthwise() ? "it sums over channels, here is one a group" : "";
}

// As conv_direct.cc, four channels at a time; without the dot product three instructions do its work.
double cost_of_direct(const Kernels& kernels, const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const ConvInt8Kernel& kernel = kernels.conv_int8;
  const double quads_per_cycle = kernel.multiply.name.isa.has(Isa::kVnni) ? 1.6 : 1.6 / 3;
  const double vectors = static_cast<double>(ConvBlocks(kernel.multiply, s.out_c).vectors * conv.groups);
  const double results = static_cast<double>(s.batch * s.pixels()) * vectors;
  const double quads = static_cast<double>(s.taps() * int8_quads(s.in_c));
  return results * (quads / quads_per_cycle + kFinishCycles + kActivationCycles);
}

double cost_of_depthwise(const Kernels& kernels, const ConvNode& conv) {
  const DepthwiseInt8Kernel& kernel = kernels.depthwise_int8;
  const std::int64_t vectors = depthwise_int8_packed_channels(kernel, conv.groups) / kernel.width;
  const double results = static_cast<double>(conv.shape.batch * conv.shape.pixels() * vectors);
  return results * (static_cast<double>(conv.shape.taps()) + kFinishCycles + kActivationCycles);
}

}  // namespace

const ConvMethod kConvInt8Direct = {
    "int8_direct",     Op::kConvInt8,  [](const Kernels& kernels) { return kernels.conv_int8.multiply.name.text(); },
    refusal_of_direct, cost_of_direct, lower_direct};
const ConvMethod kConvInt8Depthwise = {
    "int8_depthwise",
    Op::kConvInt8,
    [](const Kernels& kernels) { return kernels.depthwise_int8.name.text(); },
    [](const PlanOptions&, const ConvNode& conv) { return refusal_of_depthwise(conv); },
    cost_of_depthwise,
    lower_depthwise};

}  // namespace saker
