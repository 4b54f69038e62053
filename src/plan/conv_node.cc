#include "plan/conv_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/try.h"
#include "graph/ops/window.h"

namespace saker {

static bool is_float_constant(const Value& value) {
  return value.constant && value.dtype == DType::kFloat32;
}

ConvShape shape_of_window(const ops::Window& window, std::int64_t batch, std::int64_t in_c, std::int64_t out_c) {
  ConvShape s;
  s.batch = batch;
  s.in_h = window.in[0], s.in_w = window.in[1], s.in_c = in_c;
  s.out_h = window.out[0], s.out_w = window.out[1], s.out_c = out_c;
  s.kernel_h = window.kernel[0], s.kernel_w = window.kernel[1];
  s.stride_h = window.stride[0], s.stride_w = window.stride[1];
  s.dilation_h = window.dilation[0], s.dilation_w = window.dilation[1];
  s.pad_top = window.before[0], s.pad_left = window.before[1];
  return s;
}

static std::string refusal_of_taps(const ConvShape& s) {
  if (s.taps() <= kConvMaxTaps) return "";
  return fmt::format("{} taps, at most {} fit its table", s.taps(), kConvMaxTaps);
}

static Result<std::string> describe_float(const Graph& graph, const Node& node, ConvNode& conv) {
  const auto& attrs = node.as<ConvAttrs>();
  const Value& x = graph.value(node.inputs[0]);
  const Value& w = graph.value(node.inputs[1]);
  const bool has_bias = node.has_input(2);
  if (x.dtype != DType::kFloat32) return fmt::format("it takes float32, the input is {}", dtype_name(x.dtype));
  if (x.shape->size() != 4)
    return fmt::format("it is 2-D, the input has {} spatial axes", static_cast<int>(x.shape->size()) - 2);
  if (!is_float_constant(w)) return std::string("the weights are not constant");
  if (has_bias && !is_float_constant(graph.value(node.inputs[2]))) return std::string("the bias is not constant");
  const Shape& ws = *w.shape;
  SAKER_ASSIGN(const ops::Window window,
               ops::plan_window(attrs.window, {(*x.shape)[2], (*x.shape)[3]}, {ws[2], ws[3]}, false));
  conv.groups = attrs.group;
  conv.activation = attrs.activation;
  conv.has_coarse = node.has_input(4);
  conv.weights = w.constant->data<float>();
  conv.bias = has_bias ? graph.value(node.inputs[2]).constant->data<float>() : nullptr;
  conv.shape = shape_of_window(window, (*x.shape)[0], ws[1], ws[0] / attrs.group);
  return refusal_of_taps(conv.shape);
}

static Result<std::string> describe_int8(const Graph& graph, const Node& node, ConvNode& conv) {
  const auto& attrs = node.as<ConvInt8Attrs>();
  conv.int8 = &attrs;
  const Shape& x = *graph.value(node.inputs[0]).shape;
  const Value& w = graph.value(node.inputs[1]);
  if (!w.constant) return std::string("the weights are not constant");
  const Shape& ws = *w.shape;
  SAKER_ASSIGN(const ops::Window window, ops::plan_window(attrs.conv.window, {x[2], x[3]}, {ws[2], ws[3]}, false));
  conv.groups = attrs.conv.group;
  conv.activation = attrs.conv.activation;
  conv.int8_weights = w.constant->data<std::int8_t>();
  conv.zero_points = attrs.zero_points;
  if (node.has_input(4)) conv.zero_points.assign(static_cast<std::size_t>(x[1]), 1);
  conv.shape = shape_of_window(window, x[0], ws[1], ws[0] / attrs.conv.group);
  const ConvShape& s = conv.shape;
  if (std::string reason = refusal_of_taps(s); !reason.empty()) return reason;
  if (s.kernel_h > kInt8MaxKernelHeight)
    return fmt::format("a kernel of {} rows, at most {} are prepared for", s.kernel_h, kInt8MaxKernelHeight);
  constexpr std::int64_t kMostProducts = INT32_MAX / (255 * 128);  // whose sum fits 32 bits whatever they are
  if (s.in_c * s.taps() > kMostProducts)
    return fmt::format("{} products a sum, at most {} fit 32 bits", s.in_c * s.taps(), kMostProducts);
  if (!int8_can_apply(conv.activation.kind)) return std::string("its activation");
  if (conv.groups > 1 && !conv.is_depthwise() && s.in_c % kInt8Quad != 0)
    return fmt::format("{} channels a group, which are no multiple of four", s.in_c);
  return std::string();
}

static void count_sparse_blocks(ConvNode& conv);

Result<std::string> describe_conv(const Graph& graph, const Node& node, ConvNode& conv) {
  auto described = node.op == Op::kConvInt8 ? describe_int8(graph, node, conv) : describe_float(graph, node, conv);
  if (described.ok() && described->empty()) count_sparse_blocks(conv);
  return described;
}

ConvViews open_conv_views(Planner& planner, const Node& node, Need src) {
  ConvViews views;
  views.src = planner.read(node.inputs[0], src);
  views.has_residual = node.has_input(3);
  views.has_coarse = node.has_input(4);
  if (views.has_residual) views.residual = planner.read(node.inputs[3], Need::kChannelsInnermost);
  if (views.has_coarse) views.coarse = planner.read(node.inputs[4], Need::kChannelsInnermost);
  views.dst = planner.write(node.outputs[0], Need::kChannelsInnermost);
  return views;
}

std::vector<float> sparse_cells(const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  return conv.int8 == nullptr ? sparse_float_cells(s.out_c, s.in_c, s.taps(), conv.weights)
                              : conv_int8_quads(s.out_c, s.taps(), s.in_c, conv.int8_weights);
}

ConvShape shape_in_cells(const ConvNode& conv) {
  ConvShape s = conv.shape;
  if (conv.int8 != nullptr) s.in_c = int8_quads(s.in_c);
  return s;
}

static void count_sparse_blocks(ConvNode& conv) {
  const ConvShape& s = conv.shape;
  const std::int64_t weights = s.out_c * s.in_c * s.taps();
  if (conv.groups != 1 || weights == 0) return;
  const std::int64_t zeros = conv.int8 == nullptr ? std::count(conv.weights, conv.weights + weights, 0.0F)
                                                  : std::count(conv.int8_weights, conv.int8_weights + weights, 0);
  conv.sparse.zeros = static_cast<double>(zeros) / static_cast<double>(weights);
  if (conv.sparse.zeros < kFewZeros) return;
  const ConvShape in_cells = shape_in_cells(conv);
  const std::vector<float> cells = sparse_cells(conv);
  conv.sparse.all = in_cells.out_c * in_cells.in_c * in_cells.taps();
  for (const int i : {0, 1, 2}) conv.sparse.blocks[i] = sparse_count_blocks(in_cells, cells.data(), 1 << i);
}

double conv_flops(const ConvNode& conv) {
  const ConvShape& s = conv.shape;
  return 2.0 * static_cast<double>(s.batch * s.pixels() * s.out_c * conv.groups) *
         static_cast<double>(s.in_c * s.taps());
}

void emit_conv(Planner& planner, const Node& node, const KernelName& kernel, const ConvNode& conv,
               const ConvViews& views, std::vector<PlanView> scratch, std::function<Status(RunContext&)> run) {
  std::vector<PlanView> touched = std::move(scratch);
  touched.insert(touched.end(), {views.src, views.dst.view});
  if (views.has_residual) touched.push_back(views.residual);
  if (views.has_coarse) touched.push_back(views.coarse);
  planner.emit(node, kernel, std::move(touched), std::move(run), conv_flops(conv));
  planner.finish(node, views.dst);
}

ConvArgs conv_args(const ConvNode& conv, const ConvViews& views) {
  ConvArgs args;
  args.shape = conv.shape;
  args.activation = conv.activation;
  args.src_at = picture_strides(views.src);
  args.dst_at = picture_strides(views.dst.view);
  if (views.has_residual) args.residual_at = picture_strides(views.residual);
  if (views.has_coarse) {
    args.coarse.at = picture_strides(views.coarse);
    args.coarse.row = conv.shape.out_w;
  }
  return args;
}

ConvBf16Args conv_bf16_args(const ConvNode& conv, const ConvViews& views) {
  const auto is_bf16 = [](const PlanView& view) { return view.dtype == DType::kBFloat16; };
  ConvBf16Args args{conv_args(conv, views)};
  args.src_bf16 = is_bf16(views.src);
  args.dst_bf16 = is_bf16(views.dst.view);
  SAKER_CHECK(!views.has_residual || is_bf16(views.residual) == args.dst_bf16);
  SAKER_CHECK(!views.has_coarse || is_bf16(views.coarse) == args.dst_bf16);
  return args;
}

void bind_conv(ConvArgs& args, const RunContext& context, const ConvViews& views) {
  const auto at = [&](const PlanView& view) { return reinterpret_cast<float*>(context.bytes_at(view)); };
  args.src = at(views.src);
  args.dst = at(views.dst.view);
  args.residual = views.has_residual ? at(views.residual) : nullptr;
  args.coarse.data = views.has_coarse ? at(views.coarse) : nullptr;
}

Result<std::shared_ptr<const float>> packed_bias(Planner& planner, const ConvKernel& kernel, const ConvNode& conv) {
  const std::int64_t own = conv.shape.out_c, size = conv_packed_bias(kernel, own);
  return planner.weights(size * conv.groups, [&](float* packed) {
    for (std::int64_t g = 0; g < conv.groups; ++g)
      conv_pack_bias(kernel, own, conv.bias == nullptr ? nullptr : conv.bias + g * own, packed + g * size);
  });
}

Result<std::shared_ptr<const float>> zero_row(Planner& planner, std::int64_t channels) {
  return planner.weights(channels, [&](float* zeros) { std::fill_n(zeros, channels, 0.0F); });
}

}  // namespace saker
