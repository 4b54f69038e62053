#include "plan/int8_layer.h"

#include <algorithm>
#include <cstring>

#include "base/try.h"

namespace saker {
namespace {

Result<std::shared_ptr<const float>> pack_channels(Planner& planner, const std::vector<float>& values,
                                                   std::int64_t groups, std::int64_t padded,
                                                   const std::vector<std::int64_t>& order) {
  if (values.empty()) return std::shared_ptr<const float>();
  return planner.weights(groups * padded, [&](float* packed) {
    if (!order.empty()) {
      for (const std::int64_t channel : order) *packed++ = values[static_cast<std::size_t>(channel)];
      return;
    }
    std::fill_n(packed, groups * padded, 0.0F);
    const std::int64_t own = static_cast<std::int64_t>(values.size()) / groups;
    for (std::int64_t g = 0; g < groups; ++g) std::copy_n(values.data() + g * own, own, packed + g * padded);
  });
}

struct DynamicParts {
  float *multiplier, *starts, *zeros;
};

DynamicParts dynamic_parts(const RunContext& context, const Int8Views& views, const Int8Layer& layer,
                           std::int64_t groups) {
  auto* at = context.at<float>(views.own);
  return {at, at + groups * layer.padded, at + groups * (layer.padded + layer.starts_size)};
}

}  // namespace

Status pack_int8_finish(Planner& planner, const ConvNode& conv, std::int64_t groups, Int8Layer& layer,
                        const std::vector<std::int64_t>& order) {
  const ConvInt8Attrs& attrs = *conv.int8;
  const auto pack = [&](const std::vector<float>& values) {
    return pack_channels(planner, values, groups, layer.padded, order);
  };
  SAKER_ASSIGN(layer.multiplier, pack(attrs.multiplier));
  SAKER_ASSIGN(layer.bias, pack(attrs.bias));
  SAKER_ASSIGN(layer.out_scale, pack(attrs.out_scale));
  SAKER_ASSIGN(layer.out_offset, pack(attrs.out_offset));
  SAKER_ASSIGN(layer.residual_scale, pack(attrs.residual_scale));
  if (!attrs.table.empty()) layer.table = std::make_shared<std::vector<std::uint8_t>>(attrs.table);
  const std::int64_t channels = conv.groups * conv.shape.in_c;
  layer.zeros_size = int8_quads(channels / groups);
  SAKER_ASSIGN(layer.zeros, planner.weights(groups * layer.zeros_size, [&](float* zeros) {
    std::fill_n(zeros, groups * layer.zeros_size, 0.0F);
    for (std::int64_t g = 0; g < groups; ++g) {
      std::copy_n(conv.zero_points.begin() + g * (channels / groups), channels / groups,
                  reinterpret_cast<std::uint8_t*>(zeros + g * layer.zeros_size));
    }
  }));
  return {};
}

Int8Views open_int8_views(Planner& planner, const Node& node, const Int8Layer& layer, std::int64_t groups) {
  Int8Views views;
  views.is_dynamic = node.has_input(4);
  if (views.is_dynamic) {
    views.scale = planner.read(node.inputs[3]);
    views.zero_point = planner.read(node.inputs[4]);
    views.own = planner.scratch(DType::kFloat32, {groups * (layer.padded + layer.starts_size + layer.zeros_size)});
  }
  views.src = planner.read(node.inputs[0], Need::kQuads);
  views.has_residual = node.has_input(2);
  if (views.has_residual) views.residual = planner.read(node.inputs[2], Need::kChannelsInnermost);
  views.dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
  return views;
}

ConvInt8Args int8_args(Planner& planner, const ConvNode& conv, const ConvShape& shape, const Int8Views& views,
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

void set_dynamic_parts(const RunContext& context, const Int8Views& views, const Int8Layer& layer, std::int64_t groups) {
  const DynamicParts parts = dynamic_parts(context, views, layer, groups);
  const float scale = *context.at<float>(views.scale);
  const std::uint8_t zero = *context.at<std::uint8_t>(views.zero_point);
  for (std::int64_t i = 0; i < groups * layer.padded; ++i) parts.multiplier[i] = layer.multiplier.get()[i] * scale;
  const auto* from = reinterpret_cast<const std::int32_t*>(layer.starts.get());
  auto* starts = reinterpret_cast<std::int32_t*>(parts.starts);
  for (std::int64_t i = 0; i < groups * layer.starts_size; ++i) starts[i] = from[i] * zero;
  std::memset(parts.zeros, zero, static_cast<std::size_t>(groups * layer.zeros_size) * sizeof(float));
}

void bind_int8(ConvInt8Args& args, const RunContext& context, const Int8Views& views, const Int8Layer& layer,
               std::int64_t g, std::int64_t groups, std::int64_t out_c) {
  args.src = reinterpret_cast<const float*>(context.bytes_at(views.src)) + g * args.shape.in_c;
  if (views.dst.view.dtype == DType::kFloat32) {
    args.dst = context.at<float>(views.dst.view) + g * out_c;
  } else {
    args.dst_bytes = context.at<std::uint8_t>(views.dst.view) + g * out_c;
  }
  if (views.has_residual) args.residual_bytes = context.at<std::uint8_t>(views.residual) + g * out_c;
  args.weights = layer.weights.get() + g * layer.weights_size;
  args.bias = layer.starts.get() + g * layer.starts_size;
  args.zeros = layer.zeros.get() + g * layer.zeros_size;
  const auto of = [&](const std::shared_ptr<const float>& values) {
    return values == nullptr ? nullptr : values.get() + g * layer.padded;
  };
  args.finish = {of(layer.multiplier), of(layer.bias), of(layer.out_scale), of(layer.out_offset),
                 of(layer.residual_scale)};
  args.table = layer.table == nullptr ? nullptr : layer.table->data();
  if (!views.is_dynamic) return;
  const DynamicParts parts = dynamic_parts(context, views, layer, groups);
  args.finish.multiplier = parts.multiplier + g * layer.padded;
  args.bias = parts.starts + g * layer.starts_size;
  args.zeros = parts.zeros + g * layer.zeros_size;
}

ConvInt8Args start_int8(ConvInt8Args args, const RunContext& context, const Int8Views& views, const Int8Layer& layer) {
  if (views.is_dynamic) set_dynamic_parts(context, views, layer, 1);
  bind_int8(args, context, views, layer, 0, 1, args.shape.out_c);
  return args;
}

void emit_int8(Planner& planner, const Node& node, const KernelName& kernel, const ConvNode& conv,
               const Int8Views& views, std::vector<PlanView> scratch, std::function<Status(RunContext&)> run) {
  std::vector<PlanView> touched = std::move(scratch);
  touched.insert(touched.end(), {views.src, views.dst.view});
  if (views.is_dynamic) touched.insert(touched.end(), {views.scale, views.zero_point, views.own});
  if (views.has_residual) touched.push_back(views.residual);
  planner.emit(node, kernel, std::move(touched), std::move(run), conv_flops(conv));
  planner.finish(node, views.dst);
}

}  // namespace saker
